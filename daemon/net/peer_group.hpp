#pragma once

#include <string>

namespace replmond::net {

/// Whom an address counts as where peers are treated alike: itself; of IPv6 its first 64 bits, since one host
/// has all addresses of these. An IPv4 address within IPv6 is the same as without. Anything else: as it is.
std::string peer_group(const std::string& address);

} // namespace replmond::net
