// Connections, and those of them that are kept for the next request.

#include "daemon/net/client/connection.hpp"

#include "daemon/net/async.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/steady_timer.hpp>

#include <deque>
#include <optional>
#include <utility>

namespace replmond::client {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

// For good, so that is_quiet() and a first attempt to write need not ask for it each time. What waits is not
// concerned.
void make_non_blocking(tcp::socket& socket) {
    boost::system::error_code ignored; // see is_quiet()
    socket.non_blocking(true, ignored);
}

} // namespace

connection::connection(plain_stream s) : stream(std::move(s)), deadline(socket(), net::on_expiry::close) {
    make_non_blocking(socket());
}

connection::connection(tls_stream s) : stream(std::move(s)), deadline(socket(), net::on_expiry::close) {
    make_non_blocking(socket());
}

tcp::socket& connection::socket() {
    auto* plain = std::get_if<plain_stream>(&stream);
    return plain != nullptr ? *plain : std::get<tls_stream>(stream).next_layer();
}

// A read, not a look at the socket: what came early may stand in the TLS engine's buffers already, and what
// stands in the socket may be a ticket, which is no data.
bool connection::is_quiet() {
    char byte = 0;
    boost::system::error_code error;
    if (!socket().non_blocking())
        return false;
    std::visit([&](auto& open) { open.read_some(asio::buffer(&byte, 1), error); }, stream);
    return error == asio::error::would_block;
}

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
    net::async_wait_uncounted(*self->timer,
                              [weak = std::weak_ptr<state>(self)](const boost::system::error_code&) {
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

} // namespace replmond::client
