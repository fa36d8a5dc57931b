#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace replmond::config {

using std::chrono::milliseconds;

/// Reads `500ms`, `30s`, `5m`, `1h30m`, `30d`: units d, h, m, s, ms in that order, each at most once. No
/// sign, no spaces, no fractions; a number without a unit is refused, also `0`. Empty when it is anything
/// else or does not fit.
std::optional<milliseconds> parse_duration(std::string_view text);

/// The form that parse_duration reads back, in the largest units and without the zero ones: `1h30m`, `0s`.
/// `value` must not be negative.
std::string format_duration(milliseconds value);

/// Scheme, host and port of a server.
struct origin {
    std::string
        text; ///< `https://host:port`: no trailing slash, scheme and host in lower case, port as written
    bool is_https = false;
    bool is_loopback = false; ///< localhost, 127.0.0.0/8 or [::1]
};

/// Reads `https://host[:port]` or `http://host[:port]`, one trailing slash allowed. Empty where there is
/// anything more, such as user information, a path, a query or a fragment.
std::optional<origin> parse_origin(std::string_view text);

/// True for `http://[user:password@]host[:port]`, one trailing slash allowed.
bool is_proxy_url(std::string_view text);

// Whether PEM text holds what it should. Pure: files are read elsewhere.

/// Certificates in `pem`, 0 where one of them cannot be read.
std::size_t certificates_in(const std::string& pem);

/// An unencrypted private key is in `pem`.
bool has_private_key(const std::string& pem);

/// `key_pem` is the key of the first certificate in `certificate_pem`.
bool key_belongs_to(const std::string& certificate_pem, const std::string& key_pem);

} // namespace replmond::config
