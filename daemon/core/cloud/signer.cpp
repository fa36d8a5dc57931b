// Signs requests with SDK-HMAC-SHA256 (API.md, section 5.2). Each step is a function of its own, so that the
// tests can compare each step with the known answers.

#include "daemon/core/cloud/signer.hpp"

#include "daemon/core/model/text.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>
#include <vector>

namespace replmond::cloud {

namespace {

constexpr std::string_view algorithm = "SDK-HMAC-SHA256";

using digest = std::array<unsigned char, SHA256_DIGEST_LENGTH>;

std::string to_hex(const digest& bytes) {
    std::string hex;
    for (const unsigned char byte : bytes)
        fmt::format_to(std::back_inserter(hex), "{:02x}", byte);
    return hex;
}

std::string sha256_hex(std::string_view text) {
    digest out{};
    SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), out.data());
    return to_hex(out);
}

std::string hmac_sha256_hex(std::string_view key, std::string_view text) {
    digest out{};
    unsigned int length = out.size();
    HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
         reinterpret_cast<const unsigned char*>(text.data()), text.size(), out.data(), &length);
    return to_hex(out);
}

int hex_value(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    const char lower = static_cast<char>(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

std::string percent_decode(std::string_view text) {
    std::string decoded;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%' && i + 2 < text.size() && hex_value(text[i + 1]) >= 0 &&
            hex_value(text[i + 2]) >= 0) {
            decoded += static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2]));
            i += 2;
        } else {
            decoded += text[i];
        }
    }
    return decoded;
}

std::vector<std::string_view> split(std::string_view text, char at) {
    std::vector<std::string_view> parts;
    for (;;) {
        const std::size_t end = text.find(at);
        parts.push_back(text.substr(0, end));
        if (end == std::string_view::npos)
            return parts;
        text.remove_prefix(end + 1);
    }
}

// The CanonicalHeaders: lower-case names with trimmed values, sorted by name.
http::header_list canonical_headers(const http::header_list& headers) {
    http::header_list canonical;
    for (const auto& [name, value] : headers)
        canonical.emplace_back(to_lower_ascii(name), trimmed(value));
    std::sort(canonical.begin(), canonical.end());
    return canonical;
}

} // namespace

std::string percent_encode(std::string_view text) {
    std::string encoded;
    for (const char c : text) {
        const bool unreserved = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                                c == '-' || c == '_' || c == '.' || c == '~';
        if (unreserved)
            encoded += c;
        else
            fmt::format_to(std::back_inserter(encoded), "%{:02X}", static_cast<unsigned char>(c));
    }
    return encoded;
}

std::string canonical_uri(std::string_view encoded_path) {
    std::string uri;
    const auto segments = split(encoded_path, '/');
    for (std::size_t i = 0; i < segments.size(); ++i) {
        if (i > 0)
            uri += '/';
        uri += percent_encode(percent_decode(segments[i]));
    }
    if (!uri.ends_with('/'))
        uri += '/';
    return uri;
}

std::string canonical_query(std::string_view encoded_query) {
    std::vector<std::pair<std::string, std::string>> parameters;
    for (const std::string_view part : split(encoded_query, '&')) {
        if (part.empty())
            continue;
        const std::size_t equals = part.find('=');
        const std::string_view value = equals == std::string_view::npos ? "" : part.substr(equals + 1);
        parameters.emplace_back(percent_decode(part.substr(0, equals)), percent_decode(value));
    }
    std::sort(parameters.begin(), parameters.end());

    std::string query;
    for (const auto& [key, value] : parameters)
        fmt::format_to(std::back_inserter(query), "{}{}={}", query.empty() ? "" : "&", percent_encode(key),
                       percent_encode(value));
    return query;
}

signature sign(const http::http_request& request, const http::header_list& headers, std::string_view date,
               std::string_view secret) {
    const std::string_view target = request.target;
    const std::size_t question = target.find('?');
    const std::string_view query = question == std::string_view::npos ? "" : target.substr(question + 1);

    // header_lines ends with a newline, so the canonical request has an empty line before the signed headers.
    signature signed_as;
    std::string header_lines;
    for (const auto& [name, value] : canonical_headers(headers)) {
        header_lines += name + ':' + value + '\n';
        signed_as.signed_headers += (signed_as.signed_headers.empty() ? "" : ";") + name;
    }
    signed_as.canonical_request =
        fmt::format("{}\n{}\n{}\n{}\n{}\n{}", request.method, canonical_uri(target.substr(0, question)),
                    canonical_query(query), header_lines, signed_as.signed_headers, sha256_hex(request.body));
    signed_as.string_to_sign =
        fmt::format("{}\n{}\n{}", algorithm, date, sha256_hex(signed_as.canonical_request));
    signed_as.value = hmac_sha256_hex(secret, signed_as.string_to_sign);
    return signed_as;
}

void sign_request(http::http_request& request, std::string_view authority, std::string_view project_id,
                  const signing_key& key, timestamp now) {
    const std::string date = to_sdk_date(now);
    request.headers.emplace_back("X-Sdk-Date", date);
    if (!project_id.empty())
        request.headers.emplace_back("X-Project-Id", project_id);
    if (key.security_token)
        request.headers.emplace_back("X-Security-Token", *key.security_token);

    http::header_list to_sign;
    for (const auto& header : request.headers) {
        if (to_lower_ascii(header.first) != "content-type")
            to_sign.push_back(header);
    }
    to_sign.emplace_back("Host", authority);
    const signature signed_as = sign(request, to_sign, date, key.secret);
    request.headers.emplace_back("Authorization",
                                 fmt::format("{} Access={}, SignedHeaders={}, Signature={}", algorithm,
                                             key.access, signed_as.signed_headers, signed_as.value));
}

std::string to_sdk_date(timestamp time) {
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::seconds>(time - day));
    return fmt::format("{:04}{:02}{:02}T{:02}{:02}{:02}Z", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                       clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

} // namespace replmond::cloud
