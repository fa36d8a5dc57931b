#include "tests/net/client/http_client_fixture.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>

#include <ostream>

/// Servers that never stop talking: the client stops listening at its limits, before any deadline.
namespace replmond::testing {
namespace {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;

struct endless_case {
    std::string name;
    std::string begin;
    std::string again; // and again
    std::size_t most;  // that the client takes in, in bytes
    std::string message;
};

std::ostream& operator<<(std::ostream& out, const endless_case& c) {
    return out << c.name;
}

std::vector<endless_case> endless_cases() {
    constexpr std::size_t header = 64 * 1024;
    constexpr std::size_t ahead = 64 * 1024; // what is read at once
    constexpr std::size_t body = 8 * 1024 * 1024;
    const std::string ok = "HTTP/1.1 200 OK\r\n";
    const std::string chunked = ok + "Transfer-Encoding: chunked\r\n\r\n";
    const std::string x(1000, 'x');
    const std::string too_long_header = "the answer's header is larger than allowed";
    const std::string too_much_beside = "the answer's chunk extensions or trailers are larger than allowed";
    const std::string too_long_body = "the answer's body is larger than allowed";
    const std::string chunk = "3e8\r\n" + x + "\r\n";
    return {
        {"Reason", "HTTP/1.1 200 ", x, header + ahead, too_long_header},
        {"OneHeader", ok + "X: ", x, header + ahead, too_long_header},
        {"ManyHeaders", ok, "X: " + x + "\r\n", header + ahead, too_long_header},
        {"FoldedHeader", ok + "X: a\r\n", " " + x + "\r\n", header + ahead, too_long_header},
        {"InterimAnswers", "", "HTTP/1.1 100 Continue\r\nX: " + x + "\r\n\r\n", header + ahead, "interim"},
        {"ChunkLength", chunked, std::string(1000, '0'), header + ahead, "larger than allowed"},
        {"ChunkExtension", chunked + "1;", x, header + ahead, too_much_beside},
        {"LaterChunkExtension", chunked + chunk + "1;", x, header + ahead, too_much_beside},
        {"Trailers", chunked + chunk + "0\r\n", "X: " + x + "\r\n", header + ahead, too_much_beside},
        {"OneTrailer", chunked + "0\r\nX: ", x, header + ahead, too_much_beside},
        {"Chunks", chunked, chunk, body + body / 50 + ahead, too_long_body},
        {"OneChunk", chunked + "7fffffffffffffff\r\n", x, header + ahead, too_long_body},
        {"BodyUntilClosed", ok + "\r\n", x, body + ahead, too_long_body},
        {"AnnouncedBody", ok + "Content-Length: 9000000\r\n\r\n", x, header + ahead, too_long_body},
    };
}

/// Sends, and sends, to one client.
class endless_server {
public:
    endless_server(asio::io_context& loop, const endless_case& what)
        : acceptor_(loop, tcp::endpoint(asio::ip::address_v4::loopback(), 0)), what_(what) {
        // Little room on the way: what was sent is what was taken in.
        acceptor_.set_option(asio::socket_base::send_buffer_size(4096));
        asio::co_spawn(loop, talk(), [this](const std::exception_ptr&) { over_ = true; });
    }

    std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
    bool is_over() const { return over_; }
    std::size_t sent() const { return sent_; }

private:
    asio::awaitable<void> talk() {
        auto [refused, socket] = co_await acceptor_.async_accept(net::nothrow);
        if (refused)
            co_return;
        std::string request;
        co_await asio::async_read_until(socket, asio::dynamic_buffer(request), "\r\n\r\n", net::nothrow);
        std::string next = what_.begin;
        for (;;) {
            const auto [left, n] = co_await asio::async_write(socket, asio::buffer(next), net::nothrow);
            if (left)
                co_return;
            sent_ += n;
            next = what_.again;
        }
    }

    tcp::acceptor acceptor_;
    const endless_case& what_;
    std::size_t sent_ = 0;
    bool over_ = false;
};

class HttpClientEndless : public HttpClient, public ::testing::WithParamInterface<endless_case> {};

TEST_P(HttpClientEndless, IsCutOffAtTheLimit) {
    endless_server server(loop_, GetParam());
    http::origin to;
    to.tls = false;
    to.host = "127.0.0.1";
    to.port = server.port();
    connect_to(to);
    expect_failure(get(), poll_result::protocol, GetParam().message);
    run_until(loop_, [&] { return server.is_over(); });
    // The receiver's kernel takes some more by itself.
    constexpr std::size_t in_the_kernel = 7 * 1024 * 1024;
    EXPECT_LE(server.sent(), GetParam().most + in_the_kernel);
}

INSTANTIATE_TEST_SUITE_P(, HttpClientEndless, ::testing::ValuesIn(endless_cases()),
                         [](const auto& tested) { return tested.param.name; });

} // namespace
} // namespace replmond::testing
