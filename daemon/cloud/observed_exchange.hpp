#pragma once

#include "daemon/core/cloud/request_observer.hpp"
#include "daemon/core/cloud/secret_mask.hpp"
#include "daemon/net/client/http_client.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <string_view>

namespace replmond::cloud {

/// Reports an exchange that has ended to `observer`. `sent` holds what the answer does not show. Secrets that
/// `mask` knows are replaced.
void notify_of_exchange(const request_observer& observer, sent_request sent,
                        const result<http::http_response>& answer, const secret_mask& mask);

/// Does client.exchange() and reports it to `observer`. The arguments must stay valid until it ends. Throws
/// operation_aborted when the caller is cancelled; then nothing is reported.
boost::asio::awaitable<result<http::http_response>>
observed_exchange(client::http_client& client, const http::http_request& request,
                  std::chrono::steady_clock::duration timeout, std::string_view operation,
                  const request_observer& observer, const secret_mask& mask);

} // namespace replmond::cloud
