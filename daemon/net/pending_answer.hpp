#pragma once

#include "daemon/net/http.hpp"

#include <boost/asio/awaitable.hpp>

namespace replmond::net {

/// An answer that is still being made when the handler returns. Whoever waits holds it; when it goes, nobody
/// wants the answer any more.
class pending_answer {
public:
    virtual ~pending_answer() = default;

    /// Until the answer is there; has a deadline of its own, at which it is another one.
    virtual boost::asio::awaitable<void> wait() = 0;

    /// The answer, then, once. As a handler it may throw.
    virtual http_answer take() = 0;

    /// Ends wait() soon: the connection is closed.
    virtual void abandon() = 0;
};

} // namespace replmond::net
