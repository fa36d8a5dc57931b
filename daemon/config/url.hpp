#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace replmond::config {

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

} // namespace replmond::config
