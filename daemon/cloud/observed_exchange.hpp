#pragma once

#include "daemon/cloud/request_observer.hpp"
#include "daemon/net/http_client.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <string_view>

namespace replmond::cloud {

/// Tells `observer` of an exchange that began at `started` and has ended.
void tell_of_exchange(const request_observer& observer, std::string_view operation,
                      const result<net::http_response>& answer,
                      std::chrono::steady_clock::time_point started);

/// client.exchange(), told to `observer`. The arguments must stay valid until it ends.
boost::asio::awaitable<result<net::http_response>>
observed_exchange(net::http_client& client, const net::http_request& request,
                  std::chrono::steady_clock::duration timeout, std::string_view operation,
                  const request_observer& observer);

} // namespace replmond::cloud
