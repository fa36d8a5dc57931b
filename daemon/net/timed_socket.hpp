#pragma once

#include "daemon/net/alarm.hpp"

#include <boost/asio/append.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>

#include <cstddef>
#include <utility>

namespace replmond::net {

/// A socket with its deadline, for Asio's streams to stand on: what is begun after the deadline ends at once,
/// with `timed_out`. So a handshake, of which each step begins the next, cannot slip past it.
class timed_socket {
public:
    using executor_type = boost::asio::ip::tcp::socket::executor_type;
    using lowest_layer_type = boost::asio::ip::tcp::socket::lowest_layer_type;

    explicit timed_socket(boost::asio::ip::tcp::socket socket)
        : socket_(std::move(socket)), deadline_(socket_) {}

    executor_type get_executor() { return socket_.get_executor(); }
    lowest_layer_type& lowest_layer() { return socket_.lowest_layer(); }

    boost::asio::ip::tcp::socket& socket() { return socket_; }
    alarm& deadline() { return deadline_; }

    template<class Buffers, class Token>
    auto async_read_some(const Buffers& into, Token&& token) {
        return boost::asio::async_initiate<Token, void(boost::system::error_code, std::size_t)>(
            [this](auto handler, const Buffers& buffers) {
                if (deadline_.rang())
                    refuse(std::move(handler));
                else
                    socket_.async_read_some(buffers, std::move(handler));
            },
            token, into);
    }

    template<class Buffers, class Token>
    auto async_write_some(const Buffers& from, Token&& token) {
        return boost::asio::async_initiate<Token, void(boost::system::error_code, std::size_t)>(
            [this](auto handler, const Buffers& buffers) {
                if (deadline_.rang())
                    refuse(std::move(handler));
                else
                    socket_.async_write_some(buffers, std::move(handler));
            },
            token, from);
    }

private:
    template<class Handler>
    void refuse(Handler handler) {
        const boost::system::error_code why = boost::asio::error::timed_out;
        boost::asio::post(get_executor(), boost::asio::append(std::move(handler), why, std::size_t{0}));
    }

    boost::asio::ip::tcp::socket socket_;
    alarm deadline_;
};

} // namespace replmond::net
