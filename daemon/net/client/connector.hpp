#pragma once

#include "daemon/core/http/proxy.hpp"
#include "daemon/core/http/url.hpp"
#include "daemon/core/model/failure.hpp"
#include "daemon/net/client/connection.hpp"
#include "daemon/net/client/http_client.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>

#include <cstddef>
#include <string>

namespace replmond::client {

/// What an exchange is doing.
enum class exchange_step { waiting, resolving, connecting, asking_proxy, handshake, reading };

/// How far an exchange has come; used in the message when the deadline ends it.
struct progress {
    exchange_step at = exchange_step::waiting;
    std::string doing = "waiting for a connection"; ///< for example "connecting to gaussdb.example"
    std::string advice;                             ///< what to do if this step takes too long; may be empty
    bool sent = false;                              ///< some of the request may have been sent
};

/// A tunnel to ask a proxy for. `header_limit`: of the proxy's answer, in bytes.
struct tunnel_request {
    http::proxy via;
    http::origin to;
    std::string user_agent; ///< empty: none is sent
    std::size_t header_limit = 0;
};

/// Asks the proxy behind `through` for a tunnel to `to` (CONNECT, RFC 9110, section 9.3.6). After a success
/// `through` leads to the origin. Any status but 2xx is a `network` failure; no message shows the
/// credentials.
boost::asio::awaitable<result<void>> open_tunnel(boost::asio::ip::tcp::socket& through,
                                                 const tunnel_request& request);

/// Makes connections to one origin, ready for a request: resolve, connect, tunnel, TLS.
class connector {
public:
    /// Throws std::runtime_error naming `ca_file` when it cannot be read. `settings` must outlive this
    /// object.
    connector(const http::origin& to, const client_settings& settings);

    /// Makes one connection. Keeps the current step in `reached`, which must stay valid until the coroutine
    /// ends. Failures: `network`, `tls`, `protocol`. Has no deadline of its own. On cancellation everything
    /// it opened is closed.
    boost::asio::awaitable<result<connection_ptr>> connect(progress& reached);

private:
    boost::asio::awaitable<result<plain_stream>> reach(progress& reached);
    boost::asio::awaitable<result<void>> tunnel(plain_stream& through, progress& reached);
    boost::asio::awaitable<result<connection_ptr>> secure(plain_stream lower);

    failure unresolved(failure why) const;
    bool through_proxy() const { return settings_.proxy.has_value(); }

    http::origin to_;
    std::string server_; ///< its name in messages
    const client_settings& settings_;
    boost::asio::ssl::context tls_;
};

} // namespace replmond::client
