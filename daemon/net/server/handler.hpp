#pragma once

#include "daemon/core/http/message.hpp"

#include <boost/asio/awaitable.hpp>

#include <memory>
#include <optional>
#include <string>

namespace boost::asio::ssl {
class context;
}

namespace replmond::server {

/// What stands between the wire and the pages: encryption, passwords, headers that every answer has.
class access_filter {
public:
    virtual ~access_filter() = default;

    /// Asked for every new connection, at once. Null: it speaks without TLS.
    virtual std::shared_ptr<boost::asio::ssl::context> tls() = 0;

    /// An answer where the request may not pass. May take its time, but has a deadline. `request` outlives
    /// the call.
    virtual boost::asio::awaitable<std::optional<http::http_reply>>
    authorize(const http::http_request& request) = 0;

    /// Adds headers.
    virtual void add_headers(http::http_reply& answer) const = 0;
};

/// An answer that is still being made when the handler returns. Whoever waits holds it; when it goes, nobody
/// wants the answer any more.
class pending_reply {
public:
    virtual ~pending_reply() = default;

    /// Until the answer is there; has a deadline of its own, at which it is another one.
    virtual boost::asio::awaitable<void> wait() = 0;

    /// The answer, then, once. As a handler it may throw.
    virtual http::http_reply take() = 0;

    /// Ends wait() soon: the connection is closed.
    virtual void abandon() = 0;
};

} // namespace replmond::server
