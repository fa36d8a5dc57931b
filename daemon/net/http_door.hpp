#pragma once

#include "daemon/net/http.hpp"

#include <boost/asio/awaitable.hpp>

#include <memory>
#include <optional>
#include <string>

namespace boost::asio::ssl {
class context;
}

namespace replmond::net {

/// What stands between the wire and the pages: encryption, passwords, headers that every answer has.
class http_door {
public:
    virtual ~http_door() = default;

    /// Asked for every new connection, at once. Null: it speaks without TLS.
    virtual std::shared_ptr<boost::asio::ssl::context> tls() = 0;

    /// An answer where the request may not pass. May take its time, but has a deadline. `request` outlives
    /// the call.
    virtual boost::asio::awaitable<std::optional<http_answer>> admit(const http_request& request) = 0;

    /// Adds headers.
    virtual void dress(http_answer& answer) const = 0;
};

} // namespace replmond::net
