#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <memory>

namespace replmond::net {

/// One deadline for whatever a socket waits for: when it rings, all of that is cancelled. The socket must
/// outlive it.
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

    /// In place of the deadline before; it has not rung yet.
    void set(std::chrono::steady_clock::duration within) {
        state_->rang = false;
        state_->timer.expires_after(within);
        state_->timer.async_wait([state = state_](const boost::system::error_code& error) {
            // A wait that was over already when the deadline was moved comes without an error.
            if (error || state->socket == nullptr || state->timer.expiry() > std::chrono::steady_clock::now())
                return;
            state->rang = true;
            boost::system::error_code ignored;
            state->socket->cancel(ignored);
        });
    }

    void off() { state_->timer.expires_at(std::chrono::steady_clock::time_point::max()); }

    bool rang() const { return state_->rang; }

private:
    struct state {
        boost::asio::steady_timer timer;
        boost::asio::ip::tcp::socket* socket;
        bool rang = false;
        state(const boost::asio::any_io_executor& executor, boost::asio::ip::tcp::socket* of)
            : timer(executor), socket(of) {}
    };

    std::shared_ptr<state> state_; ///< shared with the timer's handler, which may be queued already
};

} // namespace replmond::net
