#include "daemon/net/connection_pool.hpp"

#include "daemon/net/uncounted_wait.hpp"

#include <boost/asio/steady_timer.hpp>

#include <deque>
#include <optional>
#include <utility>

namespace replmond::net {

namespace asio = boost::asio;
using clock = std::chrono::steady_clock;

struct connection_pool::state {
    clock::duration idle_limit;
    std::size_t most_idle;
    std::deque<connection_ptr> idle; ///< the most recently used last
    std::optional<asio::steady_timer> timer;
    bool waiting = false;

    state(clock::duration limit, std::size_t most) : idle_limit(limit), most_idle(most) {}

    void drop_old() {
        const auto now = clock::now();
        while (!idle.empty() && now - idle.front()->last_used >= idle_limit)
            idle.pop_front();
    }

    static void wait(const std::shared_ptr<state>& self);
};

void connection_pool::state::wait(const std::shared_ptr<state>& self) {
    if (self->waiting || self->idle.empty())
        return;
    connection& oldest = *self->idle.front();
    if (!self->timer)
        self->timer.emplace(oldest.socket().get_executor());

    self->waiting = true;
    self->timer->expires_at(oldest.last_used + self->idle_limit);
    wait_uncounted(*self->timer, [weak = std::weak_ptr<state>(self)](const boost::system::error_code&) {
        const auto alive = weak.lock();
        if (!alive)
            return;
        alive->waiting = false;
        alive->drop_old();
        wait(alive);
    });
}

connection_pool::connection_pool(clock::duration idle_limit, std::size_t most_idle)
    : state_(std::make_shared<state>(idle_limit, most_idle)) {}

connection_pool::~connection_pool() = default;

connection_ptr connection_pool::take() {
    state_->drop_old();
    auto& idle = state_->idle;
    while (!idle.empty()) {
        connection_ptr kept = std::move(idle.back());
        idle.pop_back();
        if (!kept->is_quiet())
            continue;
        kept->reused = true;
        return kept;
    }
    return nullptr;
}

void connection_pool::put(connection_ptr used) {
    used->last_used = clock::now();
    state_->idle.push_back(std::move(used));
    state_->drop_old();
    while (state_->idle.size() > state_->most_idle)
        state_->idle.pop_front();
    state::wait(state_);
}

void connection_pool::clear() {
    state_->idle.clear();
    if (state_->timer)
        state_->timer->cancel();
}

} // namespace replmond::net
