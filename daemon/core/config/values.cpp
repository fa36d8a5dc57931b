// Parses and checks single values of the configuration: durations, URLs, certificates.

#include "daemon/core/config/values.hpp"

#include "daemon/core/http/url.hpp"
#include "daemon/core/model/text.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>

namespace replmond::config {

namespace {

struct unit {
    std::string_view name;
    std::int64_t milliseconds;
};

constexpr std::array<unit, 5> units{
    {{"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"ms", 1}}};

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// Removes the leading digits from `text` and returns them; with `digits` false, the leading characters that
// are not digits.
std::string_view take(std::string_view& text, bool digits) {
    std::size_t length = 0;
    while (length < text.size() && is_digit(text[length]) == digits)
        ++length;
    const std::string_view taken = text.substr(0, length);
    text.remove_prefix(length);
    return taken;
}

} // namespace

std::optional<milliseconds> parse_duration(std::string_view text) {
    if (text.empty())
        return std::nullopt;

    std::int64_t total = 0;
    std::size_t next = 0; // the largest unit that is still allowed
    while (!text.empty()) {
        const std::string_view number = take(text, true);
        const std::string_view name = take(text, false);

        std::int64_t count = 0;
        const auto read = std::from_chars(number.data(), number.data() + number.size(), count);
        if (read.ec != std::errc())
            return std::nullopt;

        while (next < units.size() && units[next].name != name)
            ++next;
        if (next == units.size())
            return std::nullopt;

        const std::int64_t room = std::numeric_limits<std::int64_t>::max() - total;
        if (count > room / units[next].milliseconds)
            return std::nullopt;
        total += count * units[next].milliseconds;
        ++next;
    }
    return milliseconds(total);
}

std::string format_duration(milliseconds value) {
    std::string text;
    std::int64_t rest = value.count();
    for (const unit& each : units) {
        if (rest < each.milliseconds)
            continue;
        text += std::to_string(rest / each.milliseconds);
        text += each.name;
        rest %= each.milliseconds;
    }
    return text.empty() ? "0s" : text;
}

std::optional<origin> parse_origin(std::string_view text) {
    const auto parsed = http::parse_server_url(text);
    if (!parsed || parsed->has_user || (parsed->scheme != "https" && parsed->scheme != "http"))
        return std::nullopt;

    origin out;
    out.is_https = parsed->scheme == "https";
    out.is_loopback = parsed->is_loopback();
    out.text = to_lower_ascii(text);
    if (out.text.ends_with('/'))
        out.text.pop_back();
    return out;
}

bool is_proxy_url(std::string_view text) {
    const auto parsed = http::parse_server_url(text);
    return parsed && parsed->scheme == "http";
}

namespace {

using bio = std::unique_ptr<BIO, decltype(&BIO_free)>;
using x509 = std::unique_ptr<X509, decltype(&X509_free)>;
using key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

// The password callback. Without one, OpenSSL would prompt for a password at the terminal.
int no_password(char*, int, int, void*) {
    return -1;
}

bio open(const std::string& pem) {
    return {BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free};
}

x509 next_certificate(BIO* from) {
    return {PEM_read_bio_X509(from, nullptr, no_password, nullptr), X509_free};
}

key read_key(const std::string& pem) {
    const bio from = open(pem);
    key read(PEM_read_bio_PrivateKey(from.get(), nullptr, no_password, nullptr), EVP_PKEY_free);
    ERR_clear_error();
    return read;
}

} // namespace

std::size_t certificates_in(const std::string& pem) {
    const bio from = open(pem);
    std::size_t count = 0;
    while (next_certificate(from.get()))
        ++count;
    // At the end of the text OpenSSL reports that there is no further start line; any other error means that
    // a certificate is broken.
    const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
    ERR_clear_error();
    return at_end ? count : 0;
}

bool has_private_key(const std::string& pem) {
    return read_key(pem) != nullptr;
}

bool key_belongs_to(const std::string& certificate_pem, const std::string& key_pem) {
    const bio from = open(certificate_pem);
    const x509 certificate = next_certificate(from.get());
    const key its = read_key(key_pem);
    const bool belongs = certificate && its && X509_check_private_key(certificate.get(), its.get()) == 1;
    ERR_clear_error();
    return belongs;
}

} // namespace replmond::config
