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

/// How far an exchange came: for the message when the deadline ends it.
struct progress {
    std::string doing = "waiting for a connection"; ///< "connecting to gaussdb.example"
    std::string advice;                             ///< what to do where this takes too long; may be empty
    bool sent = false;                              ///< some of the request may have gone out
};

struct tunnel_request {
    http::proxy via;
    http::origin to;
    std::string user_agent; ///< empty: none is sent
    std::size_t header_limit = 0;
};

/// Asks the proxy behind `through` for a tunnel (RFC 9110, section 9.3.6); after a success `through` leads to
/// the origin. Any status but 2xx is a failure of the class `network`; no text shows the credentials.
boost::asio::awaitable<result<void>> open_tunnel(boost::asio::ip::tcp::socket& through,
                                                 const tunnel_request& request);

/// Makes connections to one origin, ready for a request: resolve, connect, tunnel, TLS.
class connector {
public:
    /// Throws std::runtime_error naming `ca_file` when it cannot be read. `settings` outlives this.
    connector(const http::origin& to, const client_settings& settings);

    /// Says in `reached` what it is doing.
    boost::asio::awaitable<result<connection_ptr>> connect(progress& reached);

private:
    boost::asio::awaitable<result<plain_stream>> reach(progress& reached);
    boost::asio::awaitable<result<void>> tunnel(plain_stream& through, progress& reached);
    boost::asio::awaitable<result<connection_ptr>> secure(plain_stream lower);

    failure unresolved(failure why) const;
    bool through_proxy() const { return settings_.proxy.has_value(); }

    http::origin to_;
    std::string server_; ///< as it is called in messages
    const client_settings& settings_;
    boost::asio::ssl::context tls_;
};

} // namespace replmond::client
