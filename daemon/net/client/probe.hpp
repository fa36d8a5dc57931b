#pragma once

#include "daemon/core/http/dns_cache.hpp"
#include "daemon/core/http/url.hpp"
#include "daemon/core/model/failure.hpp"
#include "daemon/net/client/certificate_check.hpp"
#include "daemon/net/client/connector.hpp"
#include "daemon/net/client/http_client.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <optional>
#include <string>

namespace replmond::client {

/// What one connection showed.
struct probe_outcome {
    http::address_list addresses; ///< of the origin, or of the proxy where there is one
    std::string peer;             ///< the address and port that were connected to
    std::string tls_version;      ///< empty without TLS
    std::optional<peer_certificate> certificate;
    exchange_step reached = exchange_step::resolving; ///< where it ended; only means something with `why`
    std::optional<failure> why;                       ///< why there is no connection; nothing: there was one
};

/// Makes one connection as http_client does, sends no request, and closes it again. `settings.names` must be
/// set. Throws operation_aborted when the caller is cancelled.
boost::asio::awaitable<probe_outcome> probe_connection(http::origin to, client_settings settings,
                                                       std::chrono::steady_clock::duration deadline);

} // namespace replmond::client
