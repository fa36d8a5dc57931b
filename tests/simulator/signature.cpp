#include "tests/simulator/signature.hpp"

#include "tests/simulator/digest.hpp"

#include <algorithm>

using replmond::testing::field;
using replmond::testing::request;

namespace replmond::simulator {
namespace {

constexpr std::string_view algorithm = "SDK-HMAC-SHA256";

bool is_unreserved(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.' || c == '~';
}

std::string encode(std::string_view text) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    std::string encoded;
    for (const char c : text) {
        const auto value = static_cast<unsigned char>(c);
        if (is_unreserved(c))
            encoded += c;
        else
            encoded.append({'%', digits[value >> 4], digits[value & 15]});
    }
    return encoded;
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t'))
        text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t'))
        text.remove_suffix(1);
    return text;
}

std::vector<std::string> split(std::string_view text, char separator) {
    std::vector<std::string> parts;
    for (;;) {
        const std::size_t at = text.find(separator);
        parts.emplace_back(text.substr(0, at));
        if (at == std::string_view::npos)
            return parts;
        text.remove_prefix(at + 1);
    }
}

// Takes `prefix` from the front of `text`.
bool take(std::string_view& text, std::string_view prefix) {
    if (!text.starts_with(prefix))
        return false;
    text.remove_prefix(prefix.size());
    return true;
}

// Query names and values as they were meant, with every `+` kept.
std::vector<field> decoded_query(std::string_view target) {
    const std::size_t mark = target.find('?');
    if (mark == std::string_view::npos)
        return {};
    request literal;
    literal.target = "/?";
    for (const char c : target.substr(mark + 1))
        literal.target += c == '+' ? std::string("%2B") : std::string(1, c);
    testing::split_target(literal);
    return literal.query;
}

} // namespace

std::optional<authorization> parse_authorization(std::string_view header) {
    authorization parsed;
    if (!take(header, algorithm) || !take(header, " Access="))
        return std::nullopt;
    const std::size_t access_end = header.find(", SignedHeaders=");
    if (access_end == std::string_view::npos)
        return std::nullopt;
    parsed.access = header.substr(0, access_end);
    header.remove_prefix(access_end);
    take(header, ", SignedHeaders=");
    const std::size_t names_end = header.find(", Signature=");
    if (names_end == std::string_view::npos)
        return std::nullopt;
    parsed.signed_headers = split(header.substr(0, names_end), ';');
    header.remove_prefix(names_end);
    take(header, ", Signature=");
    parsed.signature = header;

    const bool names_all = std::none_of(parsed.signed_headers.begin(), parsed.signed_headers.end(),
                                        [](const std::string& name) { return name.empty(); });
    if (parsed.access.empty() || !names_all || parsed.signature.empty())
        return std::nullopt;
    return parsed;
}

std::string canonical_uri(std::string_view decoded_path) {
    std::string uri;
    for (const auto& segment : split(decoded_path, '/'))
        uri += encode(segment) + "/";
    // The slash that has to be there; a path that ends with one has got it twice now.
    if (uri.ends_with("//"))
        uri.pop_back();
    return uri;
}

std::string canonical_query(std::string_view target) {
    auto parameters = decoded_query(target);
    std::sort(parameters.begin(), parameters.end());
    std::string query;
    for (const auto& [name, value] : parameters)
        query += (query.empty() ? "" : "&") + encode(name) + "=" + encode(value);
    return query;
}

std::optional<std::string> canonical_request(const request& asked,
                                             const std::vector<std::string>& signed_headers) {
    std::string canonical =
        asked.method + "\n" + canonical_uri(asked.path) + "\n" + canonical_query(asked.target) + "\n";
    std::string names;
    for (const auto& name : signed_headers) {
        const auto value = asked.header(name);
        if (!value)
            return std::nullopt;
        canonical.append(name).append(":").append(trimmed(*value)).append("\n");
        names += (names.empty() ? "" : ";") + name;
    }
    const auto given = asked.header("X-Sdk-Content-Sha256");
    return canonical + "\n" + names + "\n" + (given ? std::string(*given) : hex(sha256(asked.body)));
}

std::string sign(std::string_view secret, std::string_view date, std::string_view canonical) {
    std::string text(algorithm);
    text.append("\n").append(date).append("\n").append(hex(sha256(canonical)));
    return hex(hmac_sha256(secret, text));
}

} // namespace replmond::simulator
