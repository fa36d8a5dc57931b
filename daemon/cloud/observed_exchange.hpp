#pragma once

#include "daemon/core/cloud/request_observer.hpp"
#include "daemon/core/cloud/secret_mask.hpp"
#include "daemon/net/client/http_client.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <string_view>

namespace replmond::cloud {

/// Tells `observer` of an exchange that has ended, of which `sent` has what is not in the answer. What `mask`
/// knows is not told.
void notify_of_exchange(const request_observer& observer, sent_request sent,
                        const result<http::http_response>& answer, const secret_mask& mask);

/// client.exchange(), told to `observer`. The arguments must stay valid until it ends.
boost::asio::awaitable<result<http::http_response>>
observed_exchange(client::http_client& client, const http::http_request& request,
                  std::chrono::steady_clock::duration timeout, std::string_view operation,
                  const request_observer& observer, const secret_mask& mask);

} // namespace replmond::cloud
