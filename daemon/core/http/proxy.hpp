#pragma once

#include "daemon/core/http/url.hpp"
#include "daemon/core/model/failure.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace replmond::http {

/// True if `list`, the value of NO_PROXY, names the host of `to`. There is no standard for NO_PROXY; this
/// follows curl. Entries are separated by commas or blanks. A name stands for itself and all its subdomains
/// (`example.com`, `.example.com` and `*.example.com` mean the same), an address for itself, `10.0.0.0/8` or
/// `fd00::/8` for a network, `*` for every host. `:port` after a name or an address (IPv6 in brackets) limits
/// the entry to that port. An entry that cannot be parsed matches nothing.
bool is_exempt(std::string_view list, const origin& to);

/// An HTTP proxy that tunnels connections (CONNECT, RFC 9110 9.3.6).
struct proxy {
    origin at;                 ///< without TLS
    std::string authorization; ///< the value of Proxy-Authorization, a secret; empty: the header is not sent

    std::string setting = "proxy_url"; ///< the name of the setting that names the proxy, for messages

    bool operator==(const proxy&) const = default;
};

/// Parses `http://[user[:password]@]host[:port][/]` with user and password percent-encoded; the default port
/// is 80. Nothing for any other text.
std::optional<proxy> parse_proxy_url(std::string_view url);

/// Returns the value of an environment variable; nothing if it is not set.
using environment_lookup = std::function<std::optional<std::string>(const std::string& name)>;

/// The proxy for connections to `to`; none if the connection is direct. A `configured` proxy_url always wins.
/// Otherwise HTTPS_PROXY (or https_proxy) is used, with or without `http://`: only for https origins, never
/// for loopback, and not if NO_PROXY (or no_proxy) names the host. The upper-case variable wins; an empty
/// variable counts as not set. Fails if a value cannot be used; the message contains no part of the value,
/// which may have a password.
result<std::optional<proxy>> choose_proxy(const std::optional<std::string>& configured,
                                          const environment_lookup& environment, const origin& to);

} // namespace replmond::http
