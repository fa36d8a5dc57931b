#pragma once

#include "daemon/cloud/request_observer.hpp"
#include "daemon/net/http_client.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <string_view>

namespace replmond::cloud {

/// client.exchange(), told to `observer`. The arguments must stay valid until it ends.
boost::asio::awaitable<result<net::http_response>>
observed_exchange(net::http_client& client, const net::http_request& request,
                  std::chrono::steady_clock::duration timeout, std::string_view operation,
                  const request_observer& observer);

/// client.exchange_once(), as above.
boost::asio::awaitable<result<net::http_response>>
observed_exchange_once(net::http_client& client, const net::http_request& request,
                       std::chrono::steady_clock::duration timeout, std::string_view operation,
                       const request_observer& observer, bool& sent);

} // namespace replmond::cloud
