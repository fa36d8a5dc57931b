#pragma once

#include "daemon/net/lasting_alarm.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>

#include <chrono>
#include <memory>
#include <utility>
#include <variant>

namespace replmond::net {

using plain_stream = boost::asio::ip::tcp::socket;
using tls_stream = boost::asio::ssl::stream<boost::asio::ip::tcp::socket>;

/// A connection is owned by one exchange at a time and goes back to the pool only after a whole keep-alive
/// answer. Within the client only: nobody else includes this.
struct connection {
    std::variant<plain_stream, tls_stream> stream;
    std::chrono::steady_clock::time_point last_used;
    bool reused = false;
    boost::beast::flat_buffer unread; ///< what was received and is not read yet; keeps its room
    lasting_alarm deadline;           ///< of the exchange under way

    explicit connection(plain_stream s);
    explicit connection(tls_stream s);

    boost::asio::ip::tcp::socket& socket();

    /// Open, and nothing to read: bytes that came without a request would pass for the answer to the next
    /// one. TLS messages that are no data, such as session tickets, are taken in.
    bool is_quiet();
};

using connection_ptr = std::unique_ptr<connection>;

} // namespace replmond::net
