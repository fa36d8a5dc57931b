#include "daemon/net/http_server.hpp"

#include "daemon/net/async.hpp"

#include <boost/asio/ip/v6_only.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <fmt/format.h>

#include <array>
#include <charconv>
#include <memory>
#include <stdexcept>

namespace replmond::net {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;

namespace {

using wire_answer = http::response<http::string_body>;

constexpr std::size_t largest_request_body = 4096; // nothing here takes one; a small one is read and ignored
constexpr std::size_t first_read = 4096;
constexpr auto pause_after_accept_error = std::chrono::milliseconds(100);

http_request to_value(const http::request<http::string_body>& message) {
    http_request request;
    request.method = std::string(message.method_string());
    request.target = std::string(message.target());
    for (const auto& field : message)
        request.headers.emplace_back(field.name_string(), field.value());
    return request;
}

http_answer answer_or_500(const http_handler& handler, const http_request& request) {
    try {
        return handler(request);
    } catch (const std::exception&) {
        http_answer broken;
        broken.status = 500;
        broken.headers.emplace_back("Content-Type", "text/plain; charset=utf-8");
        broken.body = "internal error\n";
        return broken;
    }
}

// IMF-fixdate (RFC 9110, section 5.6.7).
std::string http_date(std::chrono::system_clock::time_point now) {
    constexpr std::array days = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    constexpr std::array months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const auto day = std::chrono::floor<std::chrono::days>(now);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::seconds>(now - day));
    return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT",
                       days[std::chrono::weekday(day).c_encoding()], static_cast<unsigned>(date.day()),
                       months[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()),
                       clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

wire_answer to_wire(http_answer answer, const http_request& request, bool keep_alive) {
    wire_answer message;
    message.version(11);
    message.result(static_cast<unsigned>(answer.status));
    message.set(http::field::date, http_date(std::chrono::system_clock::now()));
    for (const auto& [name, value] : answer.headers)
        message.set(name, value);
    message.keep_alive(keep_alive);
    const std::size_t length = answer.body.size();
    if (request.method != "HEAD")
        message.body() = std::move(answer.body);
    message.content_length(length);
    return message;
}

int status_of(const error_code& why) {
    if (why == http::error::body_limit)
        return 413;
    if (why == http::error::header_limit)
        return 431;
    return 400;
}

bool is_bad_request(const error_code& why) {
    return why.category() == http::make_error_code(http::error::bad_value).category() &&
           why != http::error::end_of_stream && why != http::error::partial_message;
}

asio::awaitable<bool> send(beast::tcp_stream& stream, const wire_answer& message, steady_duration within) {
    stream.expires_after(within);
    http::response_serializer<http::string_body> serializer(message);
    // A HEAD answer states the length of a body that is not sent: its header is all there is to write.
    const bool header_only = message.body().empty();
    error_code error;
    if (header_only) {
        const auto [header_error, n] = co_await http::async_write_header(stream, serializer, nothrow);
        error = header_error;
    } else {
        const auto [write_error, n] = co_await http::async_write(stream, serializer, nothrow);
        error = write_error;
    }
    co_return !error;
}

asio::awaitable<void> converse(beast::tcp_stream& stream, const http_handler& handler, server_limits limits) {
    beast::flat_buffer buffer;
    bool keep_alive = true;
    bool first = true;
    while (keep_alive) {
        http::request_parser<http::string_body> parser;
        parser.header_limit(static_cast<std::uint32_t>(limits.header_bytes));
        parser.body_limit(largest_request_body);

        if (!first && buffer.size() == 0) { // idle: the request's own time starts with its first byte
            stream.expires_after(limits.idle_time);
            const auto [wait_error, n] = co_await stream.async_read_some(buffer.prepare(first_read), nothrow);
            if (wait_error)
                co_return;
            buffer.commit(n);
        }
        first = false;
        stream.expires_after(limits.request_time);
        const auto [error, read] = co_await http::async_read(stream, buffer, parser, nothrow);
        if (error && !is_bad_request(error))
            co_return; // closed, cut or too slow: nobody is there to be told

        http_request request;
        http_answer answer;
        unsigned version = 11;
        if (error) {
            answer.status = status_of(error);
            answer.headers.emplace_back("Content-Type", "text/plain; charset=utf-8");
            answer.body = "bad request\n";
            keep_alive = false;
        } else {
            request = to_value(parser.get());
            keep_alive = parser.get().keep_alive();
            version = parser.get().version();
            answer = answer_or_500(handler, request);
        }
        wire_answer message = to_wire(std::move(answer), request, keep_alive);
        if (keep_alive && version < 11) // else that client waits for the end of the connection
            message.set(http::field::connection, "keep-alive");
        const bool sent = co_await send(stream, message, limits.answer_time);
        if (!sent)
            co_return;
    }
    error_code ignored;
    stream.socket().shutdown(tcp::socket::shutdown_send, ignored);
}

// Counts open connections for as long as it lives.
class seat {
public:
    explicit seat(std::shared_ptr<std::size_t> taken) : taken_(std::move(taken)) { ++*taken_; }
    seat(const seat&) = delete;
    seat& operator=(const seat&) = delete;
    ~seat() { --*taken_; }

private:
    std::shared_ptr<std::size_t> taken_;
};

asio::awaitable<void> session(tcp::socket socket, const http_handler& handler, server_limits limits,
                              std::shared_ptr<std::size_t> open) {
    const seat mine(std::move(open));
    beast::tcp_stream stream(std::move(socket));
    try {
        co_await converse(stream, handler, limits);
    } catch (const boost::system::system_error&) {
        // cancelled while stopping: the socket closes with the frame
    }
}

struct host_and_port {
    std::string host; // empty: every address
    std::uint16_t port = 0;
};

// Brackets are for IPv6 addresses, and these cannot do without: "::1:80" has two readings.
host_and_port split(std::string_view address) {
    const std::size_t colon = address.rfind(':');
    const bool has_port = colon != std::string_view::npos && !address.ends_with(']');
    std::string_view host = has_port ? address.substr(0, colon) : "";
    const bool bracketed = host.starts_with('[') && host.ends_with(']');
    if (bracketed)
        host = host.substr(1, host.size() - 2);
    const bool is_v6 = host.find(':') != std::string_view::npos;
    if (!has_port || bracketed != is_v6)
        throw std::invalid_argument("expected [HOST]:PORT, got \"" + std::string(address) + '"');

    const std::string_view digits = address.substr(colon + 1);
    host_and_port read;
    read.host = host;
    const auto [end, bad] = std::from_chars(digits.data(), digits.data() + digits.size(), read.port);
    if (bad != std::errc{} || end != digits.data() + digits.size())
        throw std::invalid_argument("expected a port from 0 to 65535, got \"" + std::string(digits) + '"');
    return read;
}

} // namespace

tcp::acceptor listen_on(const asio::any_io_executor& executor, std::string_view address) {
    const auto [host, port] = split(address);
    tcp::acceptor acceptor(executor);
    const auto open = [&](const tcp::endpoint& at, bool both_families) {
        acceptor.open(at.protocol());
        acceptor.set_option(tcp::acceptor::reuse_address(true));
        if (at.protocol() == tcp::v6())
            acceptor.set_option(asio::ip::v6_only(!both_families));
        acceptor.bind(at);
        acceptor.listen();
    };
    if (host.empty()) {
        try {
            open(tcp::endpoint(tcp::v6(), port), true);
        } catch (const boost::system::system_error& e) {
            if (e.code() != asio::error::address_family_not_supported)
                throw;
            acceptor = tcp::acceptor(executor); // a kernel without IPv6
            open(tcp::endpoint(tcp::v4(), port), false);
        }
        return acceptor;
    }
    tcp::resolver resolver(executor);
    const auto found = resolver.resolve(host, std::to_string(port), tcp::resolver::passive);
    open(found.begin()->endpoint(), false);
    return acceptor;
}

asio::awaitable<void> serve(tcp::acceptor& acceptor, task_group& group, const http_handler& handler,
                            server_limits limits) {
    auto executor = co_await asio::this_coro::executor;
    auto open = std::make_shared<std::size_t>(0);
    asio::steady_timer pause(executor);
    for (;;) {
        auto [error, socket] = co_await acceptor.async_accept(nothrow);
        if (error == asio::error::operation_aborted)
            co_return;
        if (error) { // out of descriptors or memory: the listener stays, the next try comes later
            pause.expires_after(pause_after_accept_error);
            co_await pause.async_wait(nothrow);
            continue;
        }
        if (*open >= limits.connections)
            continue; // closes it
        error_code ignored;
        socket.set_option(tcp::no_delay(true), ignored);
        group.spawn(session(std::move(socket), handler, limits, open));
    }
}

} // namespace replmond::net
