#pragma once

#include "daemon/model/failure.hpp"
#include "daemon/net/connection.hpp"
#include "daemon/net/http_client.hpp"
#include "daemon/net/origin.hpp"
#include "daemon/net/progress.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ssl/context.hpp>

#include <string>

namespace replmond::net {

/// Makes connections to one origin, ready for a request: resolve, connect, tunnel, TLS.
class connector {
public:
    /// Throws std::runtime_error naming `ca_file` when it cannot be read. `settings` outlives this.
    connector(const origin& to, const client_settings& settings);

    /// Says in `reached` what it is doing.
    boost::asio::awaitable<result<connection_ptr>> connect(progress& reached);

private:
    boost::asio::awaitable<result<plain_stream>> reach(progress& reached);
    boost::asio::awaitable<result<void>> tunnel(plain_stream& through, progress& reached);
    boost::asio::awaitable<result<connection_ptr>> secure(plain_stream lower);

    failure unresolved(failure why) const;
    bool through_proxy() const { return settings_.proxy.has_value(); }

    origin to_;
    std::string server_; ///< as it is called in messages
    const client_settings& settings_;
    boost::asio::ssl::context tls_;
};

} // namespace replmond::net
