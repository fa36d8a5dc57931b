#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace replmond::http {

/// The parts of `scheme://[user@]host[:port][/]` (RFC 3986 3): a URL of a server, without path, query and
/// fragment.
struct server_url {
    std::string scheme; ///< lower case
    std::string host;   ///< lower case; an IPv6 address without its brackets
    bool is_ipv6 = false;
    bool has_user = false;
    std::string user_info;  ///< `user` or `user:password`, percent-encoded as written; a secret
    std::uint16_t port = 0; ///< 0: the URL has no port

    /// localhost, 127.0.0.0/8 or [::1].
    bool is_loopback() const;
};

/// True for a host's name that can exist, and for an address; IPv6 without brackets.
bool is_host(const std::string& text);

/// True for localhost, 127.0.0.0/8 and ::1. `host` has no brackets.
bool is_loopback_host(const std::string& host);

/// True for an address that the internet does not route: loopback, link-local (RFC 3927, RFC 4291 2.5.6),
/// private (RFC 1918, RFC 4193) and shared (RFC 6598) ones, and localhost. False for every other name.
bool is_private_host(const std::string& host);

/// Nothing if `text` has another form, or if the host or the port cannot exist.
std::optional<server_url> parse_server_url(std::string_view text);

/// Scheme, host and port of a server (RFC 9110 4.3.1): what a connection is made to.
struct origin {
    bool tls = true;
    std::string host; ///< name or address; an IPv6 address without its brackets
    std::uint16_t port = 443;

    bool operator==(const origin&) const = default;

    /// `host` or `host:port`, with brackets around IPv6 and without the default port: the value of the Host
    /// header (RFC 9110 7.2).
    std::string authority() const;

    /// `host:port`, with brackets around IPv6: the target of CONNECT (RFC 9112 3.2.3).
    std::string host_and_port() const;
};

/// Parses `http[s]://host[:port][/]`; nothing for any other text.
std::optional<origin> parse_origin(std::string_view url);

} // namespace replmond::http
