#pragma once

#include "daemon/net/lookup_book.hpp"

namespace replmond::net {

/// The order in which addresses are tried (RFC 8305, section 4): IPv6 and IPv4 by turns, beginning with the
/// family of the first one; within a family as given. None twice.
address_list dial_order(const address_list& given);

} // namespace replmond::net
