#pragma once

#include "daemon/model/failure.hpp"
#include "daemon/net/origin.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace replmond::net {

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

} // namespace replmond::net
