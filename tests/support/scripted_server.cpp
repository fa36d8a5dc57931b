#include "tests/support/scripted_server.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/status.hpp>
#include <boost/beast/http/string_body.hpp>

#include <array>
#include <exception>
#include <set>
#include <utility>

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;
using tcp = asio::ip::tcp;

namespace replmond::testing {
namespace {

constexpr auto nothrow = asio::as_tuple(asio::use_awaitable);
constexpr std::uint32_t header_limit = 64 * 1024;
constexpr std::uint64_t body_limit = 8 * 1024 * 1024ULL;

// The only place that names the stream's type: TLS would change it here and in the two closers below.
struct connection {
    tcp::socket socket;
    asio::steady_timer timer;
    beast::flat_buffer buffer;
    std::size_t number;
    std::string peer;
    std::shared_ptr<const void> life = std::make_shared<char>(); // for those who want to see its end

    connection(tcp::socket s, std::size_t n) : socket(std::move(s)), timer(socket.get_executor()), number(n) {
        error_code ignored;
        socket.set_option(tcp::no_delay(true), ignored); // trickled bytes leave one by one
        const auto endpoint = socket.remote_endpoint(ignored);
        if (!ignored)
            peer = endpoint.address().to_string();
    }

    // A closed socket is also how the coroutine learns that the server stopped.
    void close() {
        error_code ignored;
        socket.close(ignored);
        timer.cancel();
        life.reset();
    }

    void reset() {
        error_code ignored;
        socket.set_option(asio::socket_base::linger(true, 0), ignored); // close() then sends RST
        close();
    }
};

request to_request(const http::request<http::string_body>& message, const connection& from) {
    request result;
    result.method = std::string(message.method_string());
    result.target = std::string(message.target());
    for (const auto& header : message)
        result.headers.emplace_back(std::string(header.name_string()), std::string(header.value()));
    result.body = message.body();
    result.peer = from.peer;
    result.connection = from.number;
    result.connection_life = from.life;
    split_target(result);
    return result;
}

// The bytes of an answer. Written by hand: a script may ask for headers that a serializer would refuse or
// correct.
std::string render(const script& plan, bool keep_alive, bool body_allowed) {
    request given; // for its case-insensitive look-up
    given.headers = plan.headers;

    const auto reason = http::obsolete_reason(static_cast<http::status>(plan.status));
    std::string text = "HTTP/1.1 " + std::to_string(plan.status) + " " + std::string(reason) + "\r\n";
    for (const auto& [name, value] : plan.headers)
        text.append(name).append(": ").append(value).append("\r\n");
    if (!given.header("Content-Length") && !given.header("Transfer-Encoding") && plan.status != 204 &&
        plan.status != 304)
        text += "Content-Length: " + std::to_string(plan.body.size()) + "\r\n";
    if (!keep_alive && !given.header("Connection"))
        text += "Connection: close\r\n";
    text += "\r\n";
    if (body_allowed)
        text += plan.body;
    return text;
}

script ask(const request_handler& handler, const request& question) {
    try {
        return handler(question);
    } catch (const std::exception& e) {
        script failure;
        failure.status = 500;
        failure.headers.emplace_back("Content-Type", "text/plain; charset=utf-8");
        failure.body = std::string("the handler failed: ") + e.what() + "\n";
        return failure;
    }
}

asio::awaitable<void> pause(connection& on, std::chrono::milliseconds time) {
    // Stopped already: a wait started now would not be cancelled by anybody.
    if (time.count() <= 0 || !on.socket.is_open())
        co_return;
    on.timer.expires_after(time);
    co_await on.timer.async_wait(nothrow);
}

asio::awaitable<void> send(connection& on, std::string_view bytes) {
    const auto [ec, count] = co_await asio::async_write(on.socket, asio::buffer(bytes), nothrow);
    if (ec)
        on.close();
}

asio::awaitable<void> send_slowly(connection& on, std::string_view bytes,
                                  std::chrono::milliseconds interval) {
    while (!bytes.empty() && on.socket.is_open()) {
        co_await send(on, bytes.substr(0, 1));
        bytes.remove_prefix(1);
        co_await pause(on, interval);
    }
}

asio::awaitable<void> hang(connection& on) {
    // Reading notices the client's leaving; what it sends meanwhile is of no interest.
    std::array<char, 1024> ignored{};
    for (;;) {
        const auto [ec, count] = co_await on.socket.async_read_some(asio::buffer(ignored), nothrow);
        if (ec)
            break;
    }
    on.close();
}

// Carries out `plan`, whose ordinary answer is `bytes`. Closes the connection where the plan says so.
asio::awaitable<void> perform(connection& on, const script& plan, std::string_view bytes) {
    co_await pause(on, plan.delay);
    if (!on.socket.is_open())
        co_return;

    const std::size_t body_begins = plan.cut_in_body ? bytes.find("\r\n\r\n") + 4 : 0;
    switch (plan.fault) {
    case fault::none:
        co_await send(on, bytes);
        break;
    case fault::hang_before_answer:
        co_await hang(on);
        break;
    case fault::reset_before_answer:
        on.reset();
        break;
    case fault::close_before_answer:
        on.close();
        break;
    case fault::cut_after:
    case fault::reset_after:
        co_await send(on, bytes.substr(0, body_begins + plan.cut_at));
        if (plan.fault == fault::reset_after)
            on.reset();
        on.close();
        break;
    case fault::trickle:
        co_await send_slowly(on, bytes, plan.interval);
        break;
    case fault::raw:
        co_await send(on, plan.raw);
        break;
    }
}

} // namespace

struct scripted_server::state {
    request_handler handler;
    tcp::acceptor acceptor;
    asio::steady_timer accept_pause;
    std::set<std::shared_ptr<connection>> open;
    std::size_t accepted = 0;
    bool stopped = false;

    state(asio::io_context& context, request_handler h)
        : handler(std::move(h)), acceptor(context), accept_pause(context) {}

    static asio::awaitable<void> accept_loop(std::shared_ptr<state> self);
    static asio::awaitable<void> serve(std::shared_ptr<state> self, std::shared_ptr<connection> on);
    static void spawn_serve(const std::shared_ptr<state>& self, tcp::socket socket);
};

asio::awaitable<void> scripted_server::state::accept_loop(std::shared_ptr<state> self) {
    while (!self->stopped) {
        auto [ec, socket] = co_await self->acceptor.async_accept(nothrow);
        if (self->stopped)
            co_return;
        if (!ec) {
            spawn_serve(self, std::move(socket));
            continue;
        }
        // Out of descriptors, say: that passes, but not at once, and must not spin.
        self->accept_pause.expires_after(std::chrono::milliseconds(20));
        co_await self->accept_pause.async_wait(nothrow);
    }
}

void scripted_server::state::spawn_serve(const std::shared_ptr<state>& self, tcp::socket socket) {
    auto on = std::make_shared<connection>(std::move(socket), ++self->accepted);
    self->open.insert(on);
    // One connection's failure, whatever it is, ends that connection only.
    auto done = [self, on](const std::exception_ptr&) {
        on->close();
        self->open.erase(on);
    };
    asio::co_spawn(self->acceptor.get_executor(), serve(self, on), std::move(done));
}

asio::awaitable<void> scripted_server::state::serve(std::shared_ptr<state> self,
                                                    std::shared_ptr<connection> on) {
    while (on->socket.is_open()) {
        http::request_parser<http::string_body> parser;
        parser.header_limit(header_limit);
        parser.body_limit(body_limit);
        const auto [ec, count] = co_await http::async_read(on->socket, on->buffer, parser, nothrow);
        if (self->stopped)
            co_return;

        if (ec) {
            // Beast's own category, its end_of_stream apart, means that what came is no HTTP.
            const bool malformed = ec.category() == make_error_code(http::error::bad_method).category() &&
                                   ec != http::error::end_of_stream && ec != http::error::partial_message;
            if (malformed)
                co_await send(*on,
                              "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            co_return;
        }

        const auto& message = parser.get();
        const request question = to_request(message, *on);
        const script plan = ask(self->handler, question);
        const bool keep_alive = message.keep_alive() && !plan.close;
        const bool body_allowed = message.method() != http::verb::head;
        const std::string bytes = render(plan, keep_alive, body_allowed);
        co_await perform(*on, plan, bytes);
        if (!keep_alive)
            co_return;
    }
}

scripted_server::scripted_server(asio::io_context& context, request_handler handler,
                                 const server_options& options)
    : state_(std::make_shared<state>(context, std::move(handler))) {
    const tcp::endpoint endpoint(asio::ip::make_address(options.address), options.port);
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

scripted_server::~scripted_server() {
    stop();
}

std::uint16_t scripted_server::port() const {
    return state_->acceptor.local_endpoint().port();
}

std::size_t scripted_server::connections() const {
    return state_->accepted;
}

void scripted_server::stop() {
    state_->stopped = true;
    error_code ignored;
    state_->acceptor.close(ignored);
    state_->accept_pause.cancel();
    // Their coroutines see the closed socket on their next turn and leave the set themselves.
    for (const auto& on : state_->open)
        on->close();
}

} // namespace replmond::testing
