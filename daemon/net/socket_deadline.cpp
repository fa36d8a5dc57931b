// The deadlines of single sockets, for the client and the server. with_deadline() in async.hpp is for
// operations that wait for more than one socket; it costs a coroutine and a timer for each use.

#include "daemon/net/socket_deadline.hpp"

#include "daemon/net/async.hpp"

#include <boost/asio/steady_timer.hpp>

namespace replmond::net {

namespace asio = boost::asio;
using asio::ip::tcp;

struct socket_deadline::state {
    asio::steady_timer timer;
    tcp::socket* socket; // null: the socket_deadline was destroyed
    on_expiry then;
    clock::time_point until = clock::time_point::max();
    bool waiting = false;
    bool acted = false; // on the deadline that is set now

    state(tcp::socket& of, on_expiry what) : timer(of.get_executor()), socket(&of), then(what) {}

    void look() {
        if (socket == nullptr || acted || clock::now() < until)
            return;
        acted = true;
        boost::system::error_code ignored;
        if (then == on_expiry::close)
            socket->close(ignored);
        else
            socket->cancel(ignored);
    }

    static void wait(const std::shared_ptr<state>& self);
};

// If the timer fires too early, because the deadline was moved or taken off, it waits again or stops.
void socket_deadline::state::wait(const std::shared_ptr<state>& self) {
    if (self->acted || self->socket == nullptr || self->until == clock::time_point::max())
        return;
    if (self->waiting) {
        if (self->timer.expiry() > self->until)
            self->timer.cancel(); // its handler starts the wait again
        return;
    }
    self->waiting = true;
    self->timer.expires_at(self->until);
    async_wait_uncounted(self->timer, [self](const error_code&) {
        self->waiting = false;
        self->look();
        wait(self);
    });
}

socket_deadline::socket_deadline(tcp::socket& socket, on_expiry then)
    : state_(std::make_shared<state>(socket, then)) {}

socket_deadline::~socket_deadline() {
    state_->socket = nullptr;
    state_->timer.cancel();
}

void socket_deadline::set(clock::time_point until) {
    state_->until = until;
    state_->acted = false;
    state::wait(state_);
}

void socket_deadline::off() {
    state_->until = clock::time_point::max();
}

bool socket_deadline::expired() const {
    return clock::now() >= state_->until;
}

} // namespace replmond::net
