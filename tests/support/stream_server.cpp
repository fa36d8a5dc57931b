#include "tests/support/stream_server.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <exception>
#include <set>
#include <utility>

namespace asio = boost::asio;
using boost::system::error_code;
using tcp = asio::ip::tcp;

namespace replmond::testing {
namespace {

constexpr auto stream_nothrow = asio::as_tuple(asio::use_awaitable);

struct stream_connection {
    tcp::socket socket;
    std::unique_ptr<stream_session> session;

    explicit stream_connection(tcp::socket s) : socket(std::move(s)) {}

    void close() {
        error_code ignored;
        socket.close(ignored);
    }
};

// False where the connection is over.
asio::awaitable<bool> say(stream_connection& on, const stream_reply& reply) {
    const auto [ec, count] = co_await asio::async_write(on.socket, asio::buffer(reply.bytes), stream_nothrow);
    co_return !ec && !reply.close;
}

} // namespace

struct stream_server::state {
    session_factory factory;
    tcp::acceptor acceptor;
    asio::steady_timer accept_pause;
    std::set<std::shared_ptr<stream_connection>> open;
    bool stopped = false;

    state(asio::io_context& context, session_factory f)
        : factory(std::move(f)), acceptor(context), accept_pause(context) {}

    static asio::awaitable<void> accept_loop(std::shared_ptr<state> self);
    static asio::awaitable<void> serve(std::shared_ptr<stream_connection> on);
    static void begin(const std::shared_ptr<state>& self, tcp::socket socket);
};

asio::awaitable<void> stream_server::state::accept_loop(std::shared_ptr<state> self) {
    while (!self->stopped) {
        auto [ec, socket] = co_await self->acceptor.async_accept(stream_nothrow);
        if (self->stopped)
            co_return;
        if (!ec) {
            begin(self, std::move(socket));
            continue;
        }
        // Out of descriptors, say: that passes, but not at once, and must not spin.
        self->accept_pause.expires_after(std::chrono::milliseconds(20));
        co_await self->accept_pause.async_wait(stream_nothrow);
    }
}

void stream_server::state::begin(const std::shared_ptr<state>& self, tcp::socket socket) {
    error_code gone;
    const auto local = socket.local_endpoint(gone).address().to_string();
    const auto peer = socket.remote_endpoint(gone).address().to_string();
    auto on = std::make_shared<stream_connection>(std::move(socket));
    on->session = gone ? nullptr : self->factory(local, peer);
    if (!on->session)
        return;
    self->open.insert(on);
    // One connection's failure, whatever it is, ends that connection only.
    auto done = [self, on](const std::exception_ptr&) {
        on->close();
        on->session.reset();
        self->open.erase(on);
    };
    asio::co_spawn(self->acceptor.get_executor(), serve(on), std::move(done));
}

asio::awaitable<void> stream_server::state::serve(std::shared_ptr<stream_connection> on) {
    std::array<char, 16384> bytes{};
    stream_reply reply = on->session->begin();
    for (;;) {
        const bool goes_on = co_await say(*on, reply);
        if (!goes_on)
            co_return;
        const auto [ec, count] = co_await on->socket.async_read_some(asio::buffer(bytes), stream_nothrow);
        if (ec)
            co_return;
        reply = on->session->receive({bytes.data(), count});
    }
}

stream_server::stream_server(asio::io_context& context, session_factory factory, const std::string& address,
                             std::uint16_t port)
    : state_(std::make_shared<state>(context, std::move(factory))) {
    const tcp::endpoint endpoint(asio::ip::make_address(address), port);
    auto& acceptor = state_->acceptor;
    acceptor.open(endpoint.protocol());
    acceptor.set_option(asio::socket_base::reuse_address(true));
    acceptor.bind(endpoint);
    acceptor.listen();

    auto rethrow = [](const std::exception_ptr& e) {
        if (e)
            std::rethrow_exception(e); // out of run(): accepting must not end unnoticed
    };
    asio::co_spawn(context, state::accept_loop(state_), rethrow);
}

stream_server::~stream_server() {
    stop();
}

std::uint16_t stream_server::port() const {
    return state_->acceptor.local_endpoint().port();
}

void stream_server::stop() {
    state_->stopped = true;
    error_code ignored;
    state_->acceptor.close(ignored);
    state_->accept_pause.cancel();
    // Their coroutines see the closed socket on their next turn and leave the set themselves.
    for (const auto& on : state_->open)
        on->close();
}

} // namespace replmond::testing
