#pragma once

#include "daemon/model/failure.hpp"
#include "daemon/net/origin.hpp"
#include "daemon/net/proxy.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <cstddef>
#include <string>

namespace replmond::net {

struct tunnel_request {
    proxy via;
    origin to;
    std::string user_agent; ///< empty: none is sent
    std::size_t header_limit = 0;
};

/// Asks the proxy behind `through` for a tunnel (RFC 9110, section 9.3.6); after a success `through` leads to
/// the origin. Any status but 2xx is a failure of the class `network`; no text shows the credentials.
boost::asio::awaitable<result<void>> open_tunnel(boost::asio::ip::tcp::socket& through,
                                                 const tunnel_request& request);

} // namespace replmond::net
