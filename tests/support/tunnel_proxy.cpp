#include "tests/support/tunnel_proxy.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <exception>
#include <list>
#include <utility>

namespace replmond::testing {

namespace asio = boost::asio;
using boost::system::error_code;
using tcp = asio::ip::tcp;

namespace {

constexpr auto as_codes = asio::as_tuple(asio::use_awaitable);

struct tunnel {
    tcp::socket client;
    tcp::socket server;
};

} // namespace

struct tunnel_proxy::state {
    tcp::acceptor acceptor;
    tcp::endpoint leads_to;
    std::string answer;
    std::list<std::weak_ptr<tunnel>> open;
    std::vector<std::string> asked;
    bool stopped = false;

    state(asio::io_context& loop, std::uint16_t port, std::string text)
        : acceptor(loop, tcp::endpoint(asio::ip::address_v4::loopback(), 0)),
          leads_to(asio::ip::address_v4::loopback(), port), answer(std::move(text)) {}

    static asio::awaitable<void> accept_loop(std::shared_ptr<state> self);
    static asio::awaitable<void> serve(std::shared_ptr<state> self, std::shared_ptr<tunnel> made);
};

namespace {

// Until one side ends; then both do.
asio::awaitable<void> relay(std::shared_ptr<tunnel> over, bool upwards) {
    tcp::socket& from = upwards ? over->client : over->server;
    tcp::socket& to = upwards ? over->server : over->client;
    std::array<char, 16384> some{};
    for (;;) {
        const auto [ended, count] = co_await from.async_read_some(asio::buffer(some), as_codes);
        if (ended)
            break;
        const auto [broken, written] = co_await asio::async_write(to, asio::buffer(some, count), as_codes);
        if (broken)
            break;
    }
    error_code ignored;
    over->client.close(ignored);
    over->server.close(ignored);
}

void rethrow(std::exception_ptr e) {
    if (e)
        std::rethrow_exception(e);
}

} // namespace

asio::awaitable<void> tunnel_proxy::state::accept_loop(std::shared_ptr<state> self) {
    const auto executor = self->acceptor.get_executor();
    while (!self->stopped) {
        auto [ec, socket] = co_await self->acceptor.async_accept(as_codes);
        if (ec || self->stopped)
            co_return;
        tunnel begun{std::move(socket), tcp::socket(executor)};
        auto made = std::make_shared<tunnel>(std::move(begun));
        self->open.push_back(made);
        asio::co_spawn(executor, serve(self, made), rethrow);
    }
}

asio::awaitable<void> tunnel_proxy::state::serve(std::shared_ptr<state> self, std::shared_ptr<tunnel> made) {
    std::string input;
    const auto [ec, n] =
        co_await asio::async_read_until(made->client, asio::dynamic_buffer(input), "\r\n\r\n", as_codes);
    if (ec)
        co_return;
    self->asked.push_back(input.substr(0, n));
    const auto [refused] = co_await made->server.async_connect(self->leads_to, as_codes);
    if (refused)
        co_return;
    const auto [broken, written] =
        co_await asio::async_write(made->client, asio::buffer(self->answer), as_codes);
    if (broken)
        co_return;
    const auto executor = self->acceptor.get_executor();
    asio::co_spawn(executor, relay(made, true), rethrow);
    asio::co_spawn(executor, relay(made, false), rethrow);
}

tunnel_proxy::tunnel_proxy(asio::io_context& loop, std::uint16_t leads_to, std::string answer)
    : state_(std::make_shared<state>(loop, leads_to, std::move(answer))) {
    asio::co_spawn(loop, state::accept_loop(state_), rethrow);
}

tunnel_proxy::~tunnel_proxy() {
    state_->stopped = true;
    error_code ignored;
    state_->acceptor.close(ignored);
    for (const auto& weak : state_->open) {
        if (const auto made = weak.lock()) {
            made->client.close(ignored);
            made->server.close(ignored);
        }
    }
}

std::uint16_t tunnel_proxy::port() const {
    return state_->acceptor.local_endpoint().port();
}

const std::vector<std::string>& tunnel_proxy::asked() const {
    return state_->asked;
}

} // namespace replmond::testing
