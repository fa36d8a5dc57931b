#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstddef>
#include <deque>
#include <map>
#include <memory>
#include <string>

namespace replmond::server {

/// Orders work that costs the loop milliseconds, such as the signature of a TLS handshake. One piece starts
/// in each turn of the loop, and the waiting peers take turns. So a peer that starts hundreds of handshakes
/// delays each handshake of another peer by one of its own.
class handshake_queue {
public:
    explicit handshake_queue(boost::asio::any_io_executor executor) : of_(std::make_shared<line>()) {
        of_->executor = std::move(executor);
    }

    /// Waits until the caller may start. `peer`: see peer_group(). Throws operation_aborted when the caller
    /// is cancelled.
    boost::asio::awaitable<void> wait(std::string peer);

    /// How many callers wait.
    std::size_t waiting() const;

private:
    using turn = boost::asio::steady_timer; ///< never expires; used as a latch: cancelled to wake the waiter

    struct line {
        boost::asio::any_io_executor executor;
        std::map<std::string, std::deque<turn*>> waiting; ///< by peer; no queue is empty
        std::string last;                                 ///< the peer that started last
        bool is_taken = false;                            ///< something has started in this turn of the loop
    };
    struct place;

    static void next_turn(const std::shared_ptr<line>& of);

    std::shared_ptr<line> of_; ///< shared with posted handlers
};

} // namespace replmond::server
