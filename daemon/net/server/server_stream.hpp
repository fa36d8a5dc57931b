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

/// A connection as its server sees it, with TLS or without. Its user sets the deadline: after that each of
/// these ends with an error, and so does what is begun then.
class server_stream {
public:
    enum class opening { ready, failed, spoke_plainly };

    struct transfer {
        boost::system::error_code error;
        std::size_t bytes = 0;
    };

    virtual ~server_stream() = default;

    /// The handshake. `spoke_plainly`: the client uses no TLS where it should; what is written from now on
    /// goes out plainly, so that it can be told.
    virtual boost::asio::awaitable<opening> open() = 0;

    virtual boost::asio::awaitable<transfer> read(char* to, std::size_t most) = 0;

    /// Writes some of `parts`, of which there are write_cursor::most_parts at most; they and what they refer
    /// to outlive it.
    virtual boost::asio::awaitable<transfer> write(std::span<const std::string_view> parts) = 0;

    /// Says that nothing more comes.
    virtual boost::asio::awaitable<void> end() = 0;

    virtual boost::asio::ip::tcp::socket& socket() = 0;
    virtual net::socket_deadline& deadline() = 0;
};

/// In whose turn a handshake begins. `queue` outlives the stream.
struct handshake_turn {
    handshake_queue& queue;
    std::string peer; ///< see peer_group()
};

/// `tls`: null for none.
std::unique_ptr<server_stream> make_server_stream(boost::asio::ip::tcp::socket socket,
                                                  std::shared_ptr<boost::asio::ssl::context> tls,
                                                  handshake_turn turn);

} // namespace replmond::server
