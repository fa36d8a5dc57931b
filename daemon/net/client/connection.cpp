// Connections to an origin, and the pool of those that are kept for later requests.

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

// The socket stays non-blocking, so that is_quiet() and write_at_once() need no system call to switch it.
// Asynchronous operations are not affected.
void make_non_blocking(tcp::socket& socket) {
    boost::system::error_code ignored; // is_quiet() checks whether it worked
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

// It reads instead of polling the socket: early data may already be in the buffers of the TLS engine, and
// what is in the socket may be a session ticket (RFC 8446, section 4.6.1), which is no data.
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
    std::deque<connection_ptr> idle; ///< ordered by last use, oldest first
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
