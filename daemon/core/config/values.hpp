#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace replmond::config {

using std::chrono::milliseconds;

/// Parses `500ms`, `30s`, `5m`, `1h30m`, `30d`: units d, h, m, s, ms in this order, each at most once,
/// without sign, blanks and fractions. A number without a unit is refused, also `0`. Nothing for any other
/// text, and for durations that do not fit in 64 bits.
std::optional<milliseconds> parse_duration(std::string_view text);

/// The duration in the form that parse_duration() accepts, in the largest units and without units of 0:
/// `1h30m`, `0s`. `value` must not be negative.
std::string format_duration(milliseconds value);

/// Scheme, host and port of a server.
struct origin {
    /// `https://host:port`, without a trailing slash, in lower case, the port as written.
    std::string text;
    bool is_https = false;
    bool is_loopback = false; ///< localhost, 127.0.0.0/8 or [::1]
};

/// Parses `https://host[:port]` or `http://host[:port]` with an optional trailing slash. Nothing if there is
/// anything else, such as user information, a path, a query or a fragment.
std::optional<origin> parse_origin(std::string_view text);

/// True for `http://[user:password@]host[:port]` with an optional trailing slash.
bool is_proxy_url(std::string_view text);

// Checks of PEM texts (RFC 7468).

/// The number of certificates in `pem`; 0 if one of them cannot be read.
std::size_t certificates_in(const std::string& pem);

/// True if `pem` has a private key without a password.
bool has_private_key(const std::string& pem);

/// True if `key_pem` is the private key of the first certificate in `certificate_pem`.
bool key_belongs_to(const std::string& certificate_pem, const std::string& key_pem);

} // namespace replmond::config
