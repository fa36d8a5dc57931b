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

/// Sizes are in bytes.
struct client_settings {
    std::optional<std::string> ca_file; ///< PEM; trusted in addition to the system's authorities
    std::optional<http::proxy> proxy;   ///< CONNECT is used for every origin, also for plain http
    std::size_t body_limit = 8 * 1024 * 1024;
    std::size_t header_limit = 64 * 1024;
    std::chrono::steady_clock::duration idle_limit =
        std::chrono::seconds(50); ///< below the usual servers' 60 s
    std::size_t most_idle = 16;   ///< kept-alive connections that no exchange uses
    std::string user_agent;
    std::string unresolved_hint;     ///< appended to the message when the host's name cannot be resolved
    std::shared_ptr<resolver> names; ///< shared by the clients of a process; null: the client makes its own
};

/// An HTTP/1.1 client for one origin, over TCP or TLS, directly or through a proxy's tunnel, with a pool of
/// kept-alive connections. It does not follow redirects, asks for no content coding (the contract, "What a
/// poll does"), and always verifies certificate chain and host name of TLS.
class http_client {
public:
    virtual ~http_client() = default;

    /// Sends one request and reads the whole answer. `deadline` covers everything: resolving, connecting, the
    /// proxy, TLS, the request and the answer. Any HTTP status is a success here. Failures: `timeout` (the
    /// deadline), `network` (resolve, connect, reset, cut answer), `tls`, `protocol` (not HTTP, or over a
    /// limit). If a pooled connection turns out to be closed before the first byte of the answer, a GET is
    /// sent once more, over a new connection. Throws operation_aborted when the calling coroutine is
    /// cancelled; the connection is then closed. `request` must stay valid until the coroutine ends.
    virtual boost::asio::awaitable<result<http::http_response>>
    exchange(const http::http_request& request, std::chrono::steady_clock::duration deadline) = 0;

    /// Like exchange(), for a caller that counts requests. If a pooled connection turns out to be closed, a
    /// GET is not sent again; `unanswered` is set, and the caller's next request goes over a new connection.
    /// `unanswered` must stay valid until the coroutine ends.
    virtual boost::asio::awaitable<result<http::http_response>>
    exchange_counted(const http::http_request& request, std::chrono::steady_clock::duration deadline,
                     bool& unanswered) = 0;

    /// Like exchange(), for a request that must not be sent twice. It goes over a new connection, which the
    /// server cannot have closed while it was idle, and it is never repeated. `sent` tells whether any of the
    /// request may have been sent; it is set before the coroutine ends, and must stay valid until then.
    virtual boost::asio::awaitable<result<http::http_response>>
    exchange_once(const http::http_request& request, std::chrono::steady_clock::duration deadline,
                  bool& sent) = 0;
};

/// Throws std::runtime_error naming `ca_file` when it cannot be read.
std::unique_ptr<http_client> make_http_client(http::origin to, client_settings settings);

} // namespace replmond::client
