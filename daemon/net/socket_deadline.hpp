#pragma once

#include <boost/asio/append.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <utility>

namespace replmond::net {

/// What a socket's deadline does to it when it expires.
enum class on_expiry {
    cancel, ///< ends pending operations; the socket stays open, so that an error can still be sent
    close
};

/// A deadline for all operations on one socket: set before each use and taken off after it. Both are cheap:
/// the running timer is not touched, and its handler compares the clock with the deadline. The pending timer
/// does not keep run() from returning. The socket must outlive this object.
class socket_deadline {
public:
    using clock = std::chrono::steady_clock;

    socket_deadline(boost::asio::ip::tcp::socket& socket, on_expiry then);
    socket_deadline(const socket_deadline&) = delete;
    socket_deadline& operator=(const socket_deadline&) = delete;
    ~socket_deadline();

    /// Replaces the previous deadline. Operations that are pending at `until` are ended as `on_expiry` says.
    void set(clock::time_point until);
    void set(clock::duration within) { set(clock::now() + within); }
    void off();

    /// Whether the deadline has passed, even if the loop has not run its handler yet. Holds until the next
    /// set() or off().
    bool expired() const;

private:
    struct state;
    std::shared_ptr<state> state_; ///< shared with the timer's handler, which may be queued already
};

/// A socket with a deadline that cancels, as the lowest layer of Asio's streams. Cancelling reaches only
/// operations that are pending at that moment. A handshake is a chain of operations and may be between two of
/// them, so every operation that is started after the deadline ends at once, with `timed_out`.
class timed_socket {
public:
    using executor_type = boost::asio::ip::tcp::socket::executor_type;
    using lowest_layer_type = boost::asio::ip::tcp::socket::lowest_layer_type;

    explicit timed_socket(boost::asio::ip::tcp::socket socket)
        : socket_(std::move(socket)), deadline_(socket_, on_expiry::cancel) {}

    executor_type get_executor() { return socket_.get_executor(); }
    lowest_layer_type& lowest_layer() { return socket_.lowest_layer(); }

    boost::asio::ip::tcp::socket& socket() { return socket_; }
    socket_deadline& deadline() { return deadline_; }

    template<class Buffers, class Token>
    auto async_read_some(const Buffers& into, Token&& token) {
        return boost::asio::async_initiate<Token, void(boost::system::error_code, std::size_t)>(
            [this](auto handler, const Buffers& buffers) {
                if (deadline_.expired())
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
                if (deadline_.expired())
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
    socket_deadline deadline_;
};

} // namespace replmond::net
