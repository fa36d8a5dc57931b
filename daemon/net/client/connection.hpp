#pragma once

#include "daemon/net/socket_deadline.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <utility>
#include <variant>

namespace replmond::client {

using plain_stream = boost::asio::ip::tcp::socket;
using tls_stream = boost::asio::ssl::stream<boost::asio::ip::tcp::socket>;

/// One connection to an origin. One exchange owns it at a time and returns it to the pool only after a
/// complete keep-alive answer; in every other case it is closed, so that the rest of one answer can never be
/// read as the next one. Internal to the client.
struct connection {
    std::variant<plain_stream, tls_stream> stream;
    std::chrono::steady_clock::time_point last_used;
    bool reused = false;
    boost::beast::flat_buffer unread; ///< received bytes that no parser has consumed; keeps its capacity
    net::socket_deadline deadline;    ///< of the current exchange; closes the socket

    explicit connection(plain_stream s);
    explicit connection(tls_stream s);

    boost::asio::ip::tcp::socket& socket();

    /// Whether the connection is open and there is nothing to read. Bytes that arrive without a request could
    /// pass for the answer to the next one (RFC 9112, section 9.2). TLS messages that carry no data, such as
    /// session tickets, are consumed.
    bool is_quiet();
};

/// Interim answers (1xx, RFC 9110, section 15.2) that are read before one that counts: a server could send
/// them for ever.
inline constexpr int most_interim_answers = 8;

using connection_ptr = std::unique_ptr<connection>;

/// The kept-alive connections to one origin. Each is closed when it has not been used for `idle_limit`; the
/// timer for this does not keep run() from returning.
class connection_pool {
public:
    connection_pool(std::chrono::steady_clock::duration idle_limit, std::size_t most_idle);
    ~connection_pool();
    connection_pool(const connection_pool&) = delete;
    connection_pool& operator=(const connection_pool&) = delete;

    /// Returns the most recently used connection that is still usable, or nullptr. Unusable ones are closed.
    connection_ptr take();

    /// Takes a connection back. Above `most_idle` connections the least recently used one is closed.
    void put(connection_ptr used);

    void clear();

private:
    struct state;
    std::shared_ptr<state> state_; ///< shared with the timer's handler
};

} // namespace replmond::client
