#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace replmond::net {

/// Scheme, host and port: what a connection is made to.
struct origin {
    bool tls = true;
    std::string host; ///< name or address; an IPv6 address without its brackets
    std::uint16_t port = 443;

    bool operator==(const origin&) const = default;

    /// `host` or `host:port`, brackets around IPv6, no default port: the value of the Host header.
    std::string authority() const;

    /// `host:port`, brackets around IPv6: the target of CONNECT.
    std::string host_and_port() const;
};

/// Reads `http[s]://host[:port][/]`; nothing for anything else.
std::optional<origin> parse_origin(std::string_view url);

} // namespace replmond::net
