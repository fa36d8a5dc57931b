#pragma once

#include "daemon/cloud/request_observer.hpp"
#include "daemon/cloud/secret_mask.hpp"
#include "daemon/net/http_client.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <string_view>

namespace replmond::cloud {

/// Tells `observer` of an exchange that has ended, of which `sent` has what is not in the answer. What `mask`
/// knows is not told.
void tell_of_exchange(const request_observer& observer, sent_request sent,
                      const result<net::http_response>& answer, const secret_mask& mask);

/// client.exchange(), told to `observer`. The arguments must stay valid until it ends.
boost::asio::awaitable<result<net::http_response>>
observed_exchange(net::http_client& client, const net::http_request& request,
                  std::chrono::steady_clock::duration timeout, std::string_view operation,
                  const request_observer& observer, const secret_mask& mask);

} // namespace replmond::cloud
