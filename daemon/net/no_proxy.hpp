#pragma once

#include "daemon/net/origin.hpp"

#include <string_view>

namespace replmond::net {

/// True when `list`, the value of NO_PROXY, names the host of `to`. Entries are separated by commas or
/// spaces: a name stands for itself and all below it (`example.com`, `.example.com` and `*.example.com` are
/// the same, as curl reads them), an address for itself, `10.0.0.0/8` or `fd00::/8` for a network, `*` for
/// everything. `:port` behind a name or an address (IPv6 in brackets) narrows it to that port. What cannot be
/// read matches nothing.
bool is_exempt(std::string_view list, const origin& to);

} // namespace replmond::net
