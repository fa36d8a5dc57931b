#pragma once

#include "daemon/model/failure.hpp"
#include "daemon/net/connection.hpp"
#include "daemon/net/http.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <string>

namespace replmond::net {

/// What every request of a client has in common.
struct exchange_terms {
    std::string host;       ///< the value of Host
    std::string user_agent; ///< empty: none is sent
    std::size_t body_limit = 0;
    std::size_t header_limit = 0;
};

struct exchange_outcome {
    result<http_response> answer;
    bool reusable = false; ///< a whole keep-alive answer, and nothing behind it
    bool stale = false;    ///< the connection was a kept one and ended before a byte of an answer
};

/// Sends `request` over `on` and reads the whole answer.
boost::asio::awaitable<exchange_outcome> exchange_over(connection& on, const http_request& request,
                                                       const exchange_terms& terms);

} // namespace replmond::net
