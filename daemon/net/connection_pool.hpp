#pragma once

#include "daemon/net/connection.hpp"

#include <chrono>
#include <cstddef>
#include <memory>

namespace replmond::net {

/// The kept-alive connections to one origin. Each is closed when nobody has used it for `idle_limit`; what
/// waits for that does not keep run() from returning.
class connection_pool {
public:
    connection_pool(std::chrono::steady_clock::duration idle_limit, std::size_t most_idle);
    ~connection_pool();
    connection_pool(const connection_pool&) = delete;
    connection_pool& operator=(const connection_pool&) = delete;

    /// The most recently used one that is still good, or nothing.
    connection_ptr take();

    /// Above `most_idle` the one that waited longest goes.
    void put(connection_ptr used);

    void clear();

private:
    struct state;
    std::shared_ptr<state> state_; ///< with the timer's handler
};

} // namespace replmond::net
