#pragma once

#include "daemon/core/http/dns_cache.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace replmond::http {

/// The order in which addresses are tried (RFC 8305, section 4): IPv6 and IPv4 by turns, beginning with the
/// family of the first one; within a family as given. None twice.
address_list dial_order(const address_list& given);

struct listen_address {
    std::string host; ///< empty: every address
    std::uint16_t port = 0;
};

/// `:port`, `host:port` or `[v6]:port`. Throws std::invalid_argument with a text for the user.
listen_address parse_listen_address(std::string_view text);

/// Whom an address counts as where peers are treated alike: itself; of IPv6 its first 64 bits, since one host
/// has all addresses of these. An IPv4 address within IPv6 is the same as without. Anything else: as it is.
std::string peer_group(const std::string& address);

} // namespace replmond::http
