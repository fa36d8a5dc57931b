#pragma once

#include "daemon/core/http/message.hpp"
#include "daemon/core/http/proxy.hpp"
#include "daemon/core/http/url.hpp"
#include "daemon/core/model/failure.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>

namespace replmond::client {

class resolver;

struct client_settings {
    std::optional<std::string> ca_file; ///< PEM, trusted beside the system's authorities
    std::optional<http::proxy> proxy;   ///< asked for a tunnel, also to plain http origins
    std::size_t body_limit = 8 * 1024 * 1024;
    std::size_t header_limit = 64 * 1024;
    std::chrono::steady_clock::duration idle_limit =
        std::chrono::seconds(50); ///< below the usual servers' 60 s
    std::size_t most_idle = 16;   ///< kept-alive connections that nobody uses
    std::string user_agent;
    std::string unresolved_hint;     ///< put behind the message where the host's name cannot be resolved
    std::shared_ptr<resolver> names; ///< shared by the clients of a process; null: one of its own
};

/// An HTTP/1.1 client for one origin, over TCP or TLS, directly or through a proxy's tunnel, with a pool of
/// kept-alive connections. Redirects are not followed, content codings are not asked for, TLS always verifies
/// chain and host name.
class http_client {
public:
    virtual ~http_client() = default;

    /// Sends one request and reads the whole answer; resolving, connecting, the proxy and TLS included, all
    /// of it within `deadline`. Any status is a success here. Failures: `timeout` (the deadline), `network`
    /// (resolve, connect, reset, cut answer), `tls`, `protocol` (no HTTP, or over a limit). A kept connection
    /// that turns out to be closed is replaced once, at once, when no byte of an answer came. Throws
    /// operation_aborted when the calling coroutine is cancelled. The request must stay valid until then.
    virtual boost::asio::awaitable<result<http::http_response>>
    exchange(const http::http_request& request, std::chrono::steady_clock::duration deadline) = 0;

    /// The same for whoever counts requests: where a kept connection turned out to be closed, it is not sent
    /// again, but `unanswered` is set, and what is sent next goes over a new one. It must stay valid until
    /// the end.
    virtual boost::asio::awaitable<result<http::http_response>>
    exchange_counted(const http::http_request& request, std::chrono::steady_clock::duration deadline,
                     bool& unanswered) = 0;

    /// The same for a request that must not be sent twice: over a connection of its own, which nobody can
    /// have closed meanwhile, and never repeated. `sent` says whether some of it may have gone out; it is set
    /// before the end, and must stay valid until then.
    virtual boost::asio::awaitable<result<http::http_response>>
    exchange_once(const http::http_request& request, std::chrono::steady_clock::duration deadline,
                  bool& sent) = 0;
};

/// Throws std::runtime_error naming `ca_file` when it cannot be read.
std::unique_ptr<http_client> make_http_client(http::origin to, client_settings settings);

} // namespace replmond::client
