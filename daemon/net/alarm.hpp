#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <memory>

namespace replmond::net {

/// One deadline for whatever a socket waits for: when it rings, all of that is cancelled. Cancelling reaches
/// only what waits at that moment: an operation of several steps may be between two of them. So rang() is a
/// state, and timed_socket begins nothing while it lasts. The socket must outlive it.
class alarm {
public:
    explicit alarm(boost::asio::ip::tcp::socket& socket)
        : state_(std::make_shared<state>(socket.get_executor(), &socket)) {}
    alarm(const alarm&) = delete;
    alarm& operator=(const alarm&) = delete;
    ~alarm() {
        off();
        state_->socket = nullptr;
    }

    /// In place of the deadline before.
    void set(std::chrono::steady_clock::duration within) {
        state_->until = clock::now() + within;
        state_->timer.expires_at(state_->until);
        state_->timer.async_wait([state = state_](const boost::system::error_code& error) {
            // A wait that was over already when the deadline was moved comes without an error.
            if (error || state->socket == nullptr || !state->is_over())
                return;
            boost::system::error_code ignored;
            state->socket->cancel(ignored);
        });
    }

    void off() {
        state_->until = clock::time_point::max();
        state_->timer.expires_at(state_->until);
    }

    /// The deadline is over, also where the loop has had no turn since. Until the next set() or off().
    bool rang() const { return state_->is_over(); }

private:
    using clock = std::chrono::steady_clock;

    struct state {
        boost::asio::steady_timer timer;
        boost::asio::ip::tcp::socket* socket;
        clock::time_point until = clock::time_point::max();

        state(const boost::asio::any_io_executor& executor, boost::asio::ip::tcp::socket* of)
            : timer(executor), socket(of) {}

        bool is_over() const { return clock::now() >= until; }
    };

    std::shared_ptr<state> state_; ///< shared with the timer's handler, which may be queued already
};

} // namespace replmond::net
