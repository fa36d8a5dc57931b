#pragma once

#include "daemon/net/server/handshake_queue.hpp"
#include "daemon/net/socket_deadline.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/system/error_code.hpp>

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace boost::asio::ssl {
class context;
}

namespace replmond::server {

/// A connection as the server sees it, with or without TLS. The caller sets the deadline. When it has passed,
/// pending and new operations end with an error; the socket stays open. Cancellation ends an operation with
/// an error too.
class server_stream {
public:
    enum class opening { ready, failed, spoke_plainly };

    struct transfer {
        boost::system::error_code error;
        std::size_t bytes = 0;
    };

    virtual ~server_stream() = default;

    /// Does the handshake. `spoke_plainly`: the client does not speak TLS although it should. What is written
    /// from then on is not encrypted, so that the client can be told.
    virtual boost::asio::awaitable<opening> open() = 0;

    /// Reads at most `most` bytes into `to`, which must stay valid until the coroutine ends.
    virtual boost::asio::awaitable<transfer> read(char* to, std::size_t most) = 0;

    /// Writes some of `parts`: at most write_cursor::most_parts of them. They and what they refer to must
    /// stay valid until the coroutine ends.
    virtual boost::asio::awaitable<transfer> write(std::span<const std::string_view> parts) = 0;

    /// Closes the sending side, with TLS by close_notify first.
    virtual boost::asio::awaitable<void> end() = 0;

    virtual boost::asio::ip::tcp::socket& socket() = 0;
    virtual net::socket_deadline& deadline() = 0;
};

/// The queue in which a TLS handshake waits for its turn. `queue` must outlive the stream.
struct handshake_turn {
    handshake_queue& queue;
    std::string peer; ///< see peer_group()
};

/// `tls`: null for none.
std::unique_ptr<server_stream> make_server_stream(boost::asio::ip::tcp::socket socket,
                                                  std::shared_ptr<boost::asio::ssl::context> tls,
                                                  handshake_turn turn);

} // namespace replmond::server
