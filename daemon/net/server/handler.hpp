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

/// What every request passes before its handler: TLS, passwords, and headers that every answer has.
class access_filter {
public:
    virtual ~access_filter() = default;

    /// The TLS context for a new connection; called for each one. Null: the connection uses no TLS.
    virtual std::shared_ptr<boost::asio::ssl::context> tls() = 0;

    /// Returns an answer if the request is refused, else nothing. May wait, but has its own deadline.
    /// `request` must stay valid until the coroutine ends.
    virtual boost::asio::awaitable<std::optional<http::http_reply>>
    authorize(const http::http_request& request) = 0;

    /// Adds the configured headers to `answer`.
    virtual void add_headers(http::http_reply& answer) const = 0;
};

/// An answer that is not complete when the handler returns. The coroutine that waits owns it; when the object
/// is destroyed, the answer is not needed any more.
class pending_reply {
public:
    virtual ~pending_reply() = default;

    /// Ends when the answer is complete. Has its own deadline, after which take() returns an error answer.
    virtual boost::asio::awaitable<void> wait() = 0;

    /// The answer. To be called once, after wait(). May throw, like a handler.
    virtual http::http_reply take() = 0;

    /// Makes wait() end soon, because the connection is closed.
    virtual void abandon() = 0;
};

} // namespace replmond::server
