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

/// A connection is owned by one exchange at a time and goes back to the pool only after a whole keep-alive
/// answer. Within the client only: nobody else includes this.
struct connection {
    std::variant<plain_stream, tls_stream> stream;
    std::chrono::steady_clock::time_point last_used;
    bool reused = false;
    boost::beast::flat_buffer unread; ///< what was received and is not read yet; keeps its room
    net::socket_deadline deadline;    ///< of the exchange under way

    explicit connection(plain_stream s);
    explicit connection(tls_stream s);

    boost::asio::ip::tcp::socket& socket();

    /// Open, and nothing to read: bytes that came without a request would pass for the answer to the next
    /// one. TLS messages that are no data, such as session tickets, are taken in.
    bool is_quiet();
};

/// Interim answers (1xx, RFC 9110, section 15.2) that are read before one that counts: a server could send
/// them for ever.
inline constexpr int most_interim_answers = 8;

using connection_ptr = std::unique_ptr<connection>;

/// The kept-alive connections to one origin. Each is closed when nobody has used it for `idle_limit`; what
/// waits for that does not keep run() from returning.
class connection_pool {
public:
    connection_pool(std::chrono::steady_clock::duration idle_limit, std::size_t most_idle);
    ~connection_pool();
    connection_pool(const connection_pool&) = delete;
    connection_pool& operator=(const connection_pool&) = delete;

    /// The most recently used one that is still good, or nothing.
    connection_ptr take();

    /// Above `most_idle` the one that waited longest goes.
    void put(connection_ptr used);

    void clear();

private:
    struct state;
    std::shared_ptr<state> state_; ///< with the timer's handler
};

} // namespace replmond::client
