#include "daemon/net/lasting_alarm.hpp"

#include "daemon/net/uncounted_wait.hpp"

namespace replmond::net {

namespace asio = boost::asio;
using asio::ip::tcp;
using clock = std::chrono::steady_clock;

struct lasting_alarm::state {
    asio::steady_timer timer;
    tcp::socket* socket;
    clock::time_point until = clock::time_point::max();
    bool waiting = false;
    bool rang = false;

    explicit state(tcp::socket& of) : timer(of.get_executor()), socket(&of) {}

    void look() {
        if (socket == nullptr || clock::now() < until)
            return;
        rang = true;
        boost::system::error_code ignored;
        socket->close(ignored);
    }

    static void wait(const std::shared_ptr<state>& self);
};

// Off, it waits no more once it has rung in vain.
void lasting_alarm::state::wait(const std::shared_ptr<state>& self) {
    if (self->rang || self->socket == nullptr || self->until == clock::time_point::max())
        return;
    if (self->waiting) {
        if (self->timer.expiry() > self->until)
            self->timer.cancel(); // its handler waits anew
        return;
    }
    self->waiting = true;
    self->timer.expires_at(self->until);
    wait_uncounted(self->timer, [self](const boost::system::error_code&) {
        self->waiting = false;
        self->look();
        wait(self);
    });
}

lasting_alarm::lasting_alarm(tcp::socket& socket) : state_(std::make_shared<state>(socket)) {}

lasting_alarm::~lasting_alarm() {
    state_->socket = nullptr;
    state_->timer.cancel();
}

void lasting_alarm::set(clock::time_point until) {
    state_->until = until;
    state::wait(state_);
}

void lasting_alarm::off() {
    state_->until = clock::time_point::max();
}

bool lasting_alarm::rang() const {
    return state_->rang;
}

} // namespace replmond::net
