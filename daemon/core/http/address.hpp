#pragma once

#include "daemon/core/http/dns_cache.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace replmond::http {

/// The order in which addresses are tried (RFC 8305 4): IPv6 and IPv4 addresses alternate, beginning with the
/// family of the first one. Within a family the order is kept. Duplicates are removed.
address_list dial_order(const address_list& given);

/// An address that the server listens on.
struct listen_address {
    std::string host; ///< empty: all addresses of this machine
    std::uint16_t port = 0;
};

/// Parses `:port`, `host:port` or `[v6]:port`; port 0 lets the system choose. Throws std::invalid_argument
/// with a text for the user.
listen_address parse_listen_address(std::string_view text);

/// The peer that a client's address belongs to, for limits that hold for each peer. An IPv4 address is a peer
/// itself, also if it is mapped into IPv6 (RFC 4291 2.5.5.2). Of an IPv6 address only the first 64 bits
/// count, since one host usually has all addresses of a /64 (RFC 4291 2.5.1). Any other text is returned
/// unchanged.
std::string peer_group(const std::string& address);

} // namespace replmond::http
