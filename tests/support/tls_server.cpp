#include "tests/support/tls_server.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <exception>
#include <list>
#include <string_view>
#include <utility>

namespace replmond::testing {

namespace asio = boost::asio;
namespace ssl = asio::ssl;
using boost::system::error_code;
using tcp = asio::ip::tcp;

namespace {

constexpr auto nothrow = asio::as_tuple(asio::use_awaitable);

using tls_stream = ssl::stream<tcp::socket>;

} // namespace

struct tls_server::state {
    tls_options options;
    ssl::context context{ssl::context::tls_server};
    tcp::acceptor acceptor;
    std::list<tls_stream> open;
    std::vector<std::string> names;
    std::size_t accepted = 0;
    std::size_t requests = 0;
    std::size_t answers = 0;
    bool stopped = false;

    state(asio::io_context& loop, const tls_options& o)
        : acceptor(loop, tcp::endpoint(asio::ip::address_v4::loopback(), 0)) {
        take(o);
    }

    void take(const tls_options& o) {
        options = o;
        context = ssl::context(ssl::context::tls_server); // what is open keeps the one it began with
        SSL_CTX* raw = context.native_handle();
        SSL_CTX_use_certificate(raw, options.identity.x509.get());
        SSL_CTX_use_PrivateKey(raw, options.identity.key.get());
        for (const certificate& sent : options.intermediates)
            SSL_CTX_add1_chain_cert(raw, sent.x509.get());
        if (options.demand_identity)
            context.set_verify_mode(ssl::verify_peer | ssl::verify_fail_if_no_peer_cert);
        if (options.newest_version != 0) {
            // Debian's own policy would forbid the old versions also to the server.
            SSL_CTX_set_security_level(raw, 0);
            SSL_CTX_set_min_proto_version(raw, TLS1_VERSION);
            SSL_CTX_set_max_proto_version(raw, options.newest_version);
            SSL_CTX_set_cipher_list(raw, "ALL:@SECLEVEL=0");
        }
    }

    bool shakes_no_hands() const {
        return options.reset_at_hello || options.leave_at_hello || !options.instead.empty();
    }

    std::string answer_to(std::string_view head, std::size_t number) const;

    static asio::awaitable<void> accept_loop(std::shared_ptr<state> self);
    static asio::awaitable<void> break_off(tcp::socket& socket, const tls_options& options);
    static asio::awaitable<void> serve(std::shared_ptr<state> self, std::list<tls_stream>::iterator on,
                                       std::size_t number);
    static asio::awaitable<bool> send_behind(tls_stream& stream, const tls_options& options);
    static void spawn(const std::shared_ptr<state>& self, tcp::socket socket);
};

asio::awaitable<void> tls_server::state::accept_loop(std::shared_ptr<state> self) {
    while (!self->stopped) {
        auto [ec, socket] = co_await self->acceptor.async_accept(nothrow);
        if (ec)
            co_return;
        error_code ignored;
        socket.set_option(tcp::no_delay(true), ignored); // what comes behind an answer comes at once
        if (!self->stopped)
            spawn(self, std::move(socket));
    }
}

void tls_server::state::spawn(const std::shared_ptr<state>& self, tcp::socket socket) {
    self->open.emplace_front(std::move(socket), self->context);
    const auto on = self->open.begin();
    auto done = [self, on](std::exception_ptr) { self->open.erase(on); };
    asio::co_spawn(self->acceptor.get_executor(), serve(self, on, ++self->accepted), std::move(done));
}

// What comes behind an answer. False: the connection ends.
asio::awaitable<bool> tls_server::state::send_behind(tls_stream& stream, const tls_options& options) {
    if (options.garble_answer) {
        const std::string no_tls = "this is no record of TLS";
        co_await asio::async_write(stream.next_layer(), asio::buffer(no_tls), nothrow);
    }
    if (options.ticket_late && SSL_new_session_ticket(stream.native_handle()) == 1)
        co_await stream.async_handshake(ssl::stream_base::server, nothrow);
    if (!options.unasked.empty())
        co_await asio::async_write(stream, asio::buffer(options.unasked), nothrow);
    co_return !options.close_bluntly;
}

// After the client's hello.
asio::awaitable<void> tls_server::state::break_off(tcp::socket& socket, const tls_options& options) {
    std::array<char, 4096> hello{};
    co_await socket.async_read_some(asio::buffer(hello), nothrow);
    co_await asio::async_write(socket, asio::buffer(options.instead), nothrow);
    error_code ignored;
    if (options.reset_at_hello)
        socket.set_option(asio::socket_base::linger(true, 0), ignored);
    socket.close(ignored);
}

std::string tls_server::state::answer_to(std::string_view head, std::size_t number) const {
    const auto begin = head.find(' ') + 1;
    const std::string target(head.substr(begin, head.find(' ', begin) - begin));
    const std::string body = options.body ? options.body(target) : std::to_string(number);
    std::string text =
        "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    if (options.cut_answer || options.garble_answer)
        text.pop_back();
    return text;
}

asio::awaitable<void> tls_server::state::serve(std::shared_ptr<state> self,
                                               std::list<tls_stream>::iterator on, std::size_t number) {
    tls_stream& stream = *on;
    if (self->options.say_nothing) {
        std::array<char, 4096> ignored{};
        for (;;) {
            const auto [ec, n] = co_await stream.next_layer().async_read_some(asio::buffer(ignored), nothrow);
            if (ec)
                co_return;
        }
    }
    if (self->shakes_no_hands()) {
        co_await break_off(stream.next_layer(), self->options);
        co_return;
    }
    const auto [refused] = co_await stream.async_handshake(ssl::stream_base::server, nothrow);
    if (refused)
        co_return;
    const char* name = SSL_get_servername(stream.native_handle(), TLSEXT_NAMETYPE_host_name);
    self->names.emplace_back(name == nullptr ? "none" : name);

    std::string input;
    for (;;) {
        const auto [ec, n] =
            co_await asio::async_read_until(stream, asio::dynamic_buffer(input), "\r\n\r\n", nothrow);
        if (ec)
            co_return;
        const std::string head = input.substr(0, n);
        input.erase(0, n);
        ++self->requests;
        if (self->options.answer_nothing)
            continue;
        const std::string text = self->answer_to(head, number);
        const auto [write_error, written] = co_await asio::async_write(stream, asio::buffer(text), nothrow);
        if (write_error || self->options.cut_answer)
            co_return;
        const bool open = co_await send_behind(stream, self->options);
        ++self->answers;
        if (!open)
            co_return;
    }
}

tls_server::tls_server(asio::io_context& loop, const tls_options& options)
    : state_(std::make_shared<state>(loop, options)) {
    auto rethrow = [](std::exception_ptr e) {
        if (e)
            std::rethrow_exception(e);
    };
    asio::co_spawn(loop, state::accept_loop(state_), rethrow);
}

tls_server::~tls_server() {
    state_->stopped = true;
    error_code ignored;
    state_->acceptor.close(ignored);
    for (auto& stream : state_->open)
        stream.next_layer().close(ignored);
}

void tls_server::change(const tls_options& options) {
    error_code ignored;
    for (auto& stream : state_->open)
        stream.next_layer().close(ignored);
    state_->take(options);
}

std::uint16_t tls_server::port() const {
    return state_->acceptor.local_endpoint().port();
}

const std::vector<std::string>& tls_server::names_asked() const {
    return state_->names;
}

std::size_t tls_server::requests() const {
    return state_->requests;
}

std::size_t tls_server::answers() const {
    return state_->answers;
}

} // namespace replmond::testing
