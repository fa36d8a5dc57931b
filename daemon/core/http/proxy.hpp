#pragma once

#include "daemon/core/http/url.hpp"
#include "daemon/core/model/failure.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace replmond::http {

/// True when `list`, the value of NO_PROXY, names the host of `to`. Entries are separated by commas or
/// spaces: a name stands for itself and all below it (`example.com`, `.example.com` and `*.example.com` are
/// the same, as curl reads them), an address for itself, `10.0.0.0/8` or `fd00::/8` for a network, `*` for
/// everything. `:port` behind a name or an address (IPv6 in brackets) narrows it to that port. What cannot be
/// read matches nothing.
bool is_exempt(std::string_view list, const origin& to);

/// An HTTP proxy that is asked for tunnels (CONNECT).
struct proxy {
    origin at;                 ///< never TLS
    std::string authorization; ///< the value of Proxy-Authorization, a secret; empty: none is sent

    std::string setting = "proxy_url"; ///< what names it, for messages

    bool operator==(const proxy&) const = default;
};

/// Reads `http://[user[:password]@]host[:port][/]`, user and password percent-encoded, port 80 by default.
/// Nothing for anything else.
std::optional<proxy> parse_proxy_url(std::string_view url);

/// The value of a variable of the environment.
using environment_lookup = std::function<std::optional<std::string>(const std::string& name)>;

/// The proxy for connections to `to`, none where it is reached directly. A `configured` proxy_url always
/// wins. Else HTTPS_PROXY (or https_proxy) counts, with or without `http://`: for https origins alone, never
/// for loopback, and not where NO_PROXY (or no_proxy) names the host. A variable in capitals wins over the
/// same in small letters; empty is as good as unset. Fails where a value cannot be used; the text shows no
/// part of it.
result<std::optional<proxy>> choose_proxy(const std::optional<std::string>& configured,
                                          const environment_lookup& environment, const origin& to);

} // namespace replmond::http
