#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace replmond::net {

struct listen_address {
    std::string host; ///< empty: every address
    std::uint16_t port = 0;
};

/// `:port`, `host:port` or `[v6]:port`. Throws std::invalid_argument with a text for the user.
listen_address parse_listen_address(std::string_view text);

} // namespace replmond::net
