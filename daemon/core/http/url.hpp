#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace replmond::http {

/// The parts of `scheme://[user@]host[:port][/]`: all that an address of a server has. No path, query or
/// fragment.
struct server_url {
    std::string scheme; ///< lower case
    std::string host;   ///< lower case; an IPv6 address without its brackets
    bool is_ipv6 = false;
    bool has_user = false;
    std::string user_info;  ///< `user` or `user:password` as written: a secret
    std::uint16_t port = 0; ///< 0: none given

    /// localhost, 127.0.0.0/8 or [::1].
    bool is_loopback() const;
};

/// localhost, 127.0.0.0/8 or ::1, without brackets.
bool is_loopback_host(const std::string& host);

/// Nothing where `text` is anything else, or host or port cannot be one on the network.
std::optional<server_url> parse_server_url(std::string_view text);

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

} // namespace replmond::http
