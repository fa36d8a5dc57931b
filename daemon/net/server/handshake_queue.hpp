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

/// Work that costs the loop milliseconds, such as the signature of a TLS handshake: one begins in each turn
/// of the loop, and of those that wait each peer gets one in its turn. So a peer that begins hundreds delays
/// another one by one of them.
class handshake_queue {
public:
    explicit handshake_queue(boost::asio::any_io_executor executor) : of_(std::make_shared<line>()) {
        of_->executor = std::move(executor);
    }

    /// Until it is this caller's turn. `peer`: see peer_group(). Throws operation_aborted when the caller is
    /// cancelled.
    boost::asio::awaitable<void> wait(std::string peer);

    std::size_t waiting() const;

private:
    using turn = boost::asio::steady_timer; ///< never expires; cancelled to let it go

    struct line {
        boost::asio::any_io_executor executor;
        std::map<std::string, std::deque<turn*>> waiting; ///< by peer, none of them empty
        std::string last;                                 ///< peer that had its turn
        bool is_taken = false;                            ///< this turn of the loop
    };
    struct place;

    static void next_turn(const std::shared_ptr<line>& of);

    std::shared_ptr<line> of_; ///< shared with what is posted
};

} // namespace replmond::server
