#pragma once

#include "daemon/net/request_screen.hpp"

#include <chrono>
#include <cstddef>

namespace replmond::net {

struct server_limits {
    std::size_t connections = 256;               ///< over all addresses
    std::size_t answer_bytes = 64 * 1024 * 1024; ///< of texts that are on their way to clients
    head_limits head;
    std::chrono::steady_clock::duration request_time =
        std::chrono::seconds(10); ///< for the handshake and the first request; for each later one
    std::chrono::steady_clock::duration idle_time = std::chrono::minutes(2); ///< between two requests
    std::chrono::steady_clock::duration answer_time =
        std::chrono::seconds(30); ///< in which something of an answer must be taken
    std::chrono::steady_clock::duration leave_time =
        std::chrono::seconds(2); ///< for the client to close after us
    std::chrono::steady_clock::duration scarce_time =
        std::chrono::minutes(1); ///< with fewer connections, after descriptors ran out
};

} // namespace replmond::net
