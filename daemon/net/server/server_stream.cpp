// A client's connection, with or without TLS, behind one interface.

#include "daemon/net/server/server_stream.hpp"

#include "daemon/core/http/buffer_chain.hpp"
#include "daemon/net/async.hpp"
#include "daemon/net/socket_deadline.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/container/static_vector.hpp>

#include <poll.h>
#include <utility>

namespace replmond::server {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

constexpr char first_byte_of_tls = 0x16; // a handshake record (RFC 8446, section 5.1)

template<class Stream>
asio::awaitable<server_stream::transfer> read_some(Stream& from, char* to, std::size_t most) {
    const auto [error, count] = co_await from.async_read_some(asio::buffer(to, most), net::nothrow);
    server_stream::transfer done;
    done.error = error;
    done.bytes = count;
    co_return done;
}

template<class Stream>
asio::awaitable<server_stream::transfer> write_some(Stream& to, std::span<const std::string_view> parts) {
    boost::container::static_vector<asio::const_buffer, http::write_cursor::most_parts> buffers;
    for (const std::string_view part : parts)
        buffers.emplace_back(part.data(), part.size());
    const auto [error, count] = co_await to.async_write_some(buffers, net::nothrow);
    server_stream::transfer done;
    done.error = error;
    done.bytes = count;
    co_return done;
}

// Whether the client has closed its side: it will not read an answer, or not send any more.
bool peer_has_closed(tcp::socket& socket) {
    pollfd look{socket.native_handle(), POLLRDHUP, 0};
    return ::poll(&look, 1, 0) != 0; // POLLHUP and POLLERR are always reported, see poll(2)
}

void shutdown_sending(tcp::socket& socket) {
    net::error_code ignored;
    socket.shutdown(tcp::socket::shutdown_send, ignored);
}

class without_tls final : public server_stream {
public:
    explicit without_tls(tcp::socket socket) : socket_(std::move(socket)) {}

    asio::awaitable<opening> open() override { co_return opening::ready; }
    asio::awaitable<transfer> read(char* to, std::size_t most) override {
        return read_some(socket_, to, most);
    }
    asio::awaitable<transfer> write(std::span<const std::string_view> parts) override {
        return write_some(socket_, parts);
    }
    asio::awaitable<void> end() override {
        shutdown_sending(socket());
        co_return;
    }
    tcp::socket& socket() override { return socket_.socket(); }
    net::socket_deadline& deadline() override { return socket_.deadline(); }

private:
    net::timed_socket socket_;
};

class with_tls final : public server_stream {
public:
    with_tls(tcp::socket socket, std::shared_ptr<asio::ssl::context> context, handshake_turn turn)
        : context_(std::move(context)), stream_(std::move(socket), *context_), turn_(std::move(turn)) {}

    asio::awaitable<opening> open() override {
        const auto [wait_error] = co_await socket().async_wait(tcp::socket::wait_read, net::nothrow);
        if (wait_error)
            co_return opening::failed;
        co_await turn_.queue.wait(turn_.peer);
        char first = 0;
        net::error_code error;
        const std::size_t count = socket().receive(asio::buffer(&first, 1), tcp::socket::message_peek, error);
        if (error || count == 0 || peer_has_closed(socket()))
            // No handshake with a client that is gone: a signature costs a millisecond.
            co_return opening::failed;
        if (first != first_byte_of_tls) {
            is_plain_ = true;
            co_return opening::spoke_plainly;
        }
        const auto [refused] = co_await stream_.async_handshake(asio::ssl::stream_base::server, net::nothrow);
        if (refused) { // after a fatal error SSL_shutdown(3) must not be called
            is_plain_ = true;
            co_return opening::failed;
        }
        co_return opening::ready;
    }

    asio::awaitable<transfer> read(char* to, std::size_t most) override {
        if (is_plain_)
            return read_some(stream_.next_layer(), to, most);
        return read_some(stream_, to, most);
    }

    asio::awaitable<transfer> write(std::span<const std::string_view> parts) override {
        if (is_plain_)
            return write_some(stream_.next_layer(), parts);
        return write_some(stream_, parts);
    }

    asio::awaitable<void> end() override {
        if (!is_plain_)
            // Sends close_notify, then waits for the client's (RFC 8446, section 6.1)
            co_await stream_.async_shutdown(net::nothrow);
        is_plain_ = true; // bytes that still arrive are not read through TLS
        shutdown_sending(socket());
    }

    tcp::socket& socket() override { return stream_.next_layer().socket(); }
    net::socket_deadline& deadline() override { return stream_.next_layer().deadline(); }

private:
    std::shared_ptr<asio::ssl::context> context_;
    asio::ssl::stream<net::timed_socket> stream_;
    handshake_turn turn_;
    bool is_plain_ = false;
};

} // namespace

std::unique_ptr<server_stream> make_server_stream(tcp::socket socket, std::shared_ptr<asio::ssl::context> tls,
                                                  handshake_turn turn) {
    if (tls)
        return std::make_unique<with_tls>(std::move(socket), std::move(tls), std::move(turn));
    return std::make_unique<without_tls>(std::move(socket));
}

} // namespace replmond::server
