#include "daemon/cloud/observed_exchange.hpp"

#include <string>

namespace replmond::cloud {

boost::asio::awaitable<result<net::http_response>>
observed_exchange(net::http_client& client, const net::http_request& request,
                  std::chrono::steady_clock::duration timeout, std::string_view operation,
                  const request_observer& observer) {
    const auto started = std::chrono::steady_clock::now();
    auto answer = co_await client.exchange(request, timeout);
    const std::string code = answer ? std::to_string(answer->status) : "error";
    observer(operation, code, std::chrono::steady_clock::now() - started);
    co_return answer;
}

} // namespace replmond::cloud
