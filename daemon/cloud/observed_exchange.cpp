#include "daemon/cloud/observed_exchange.hpp"

#include <string>

namespace replmond::cloud {

using clock = std::chrono::steady_clock;

void tell_of_exchange(const request_observer& observer, std::string_view operation,
                      const result<net::http_response>& answer, clock::time_point started) {
    const std::string code = answer ? std::to_string(answer->status) : "error";
    observer(operation, code, clock::now() - started);
}

boost::asio::awaitable<result<net::http_response>>
observed_exchange(net::http_client& client, const net::http_request& request, clock::duration timeout,
                  std::string_view operation, const request_observer& observer) {
    const auto started = clock::now();
    auto answer = co_await client.exchange(request, timeout);
    tell_of_exchange(observer, operation, answer, started);
    co_return answer;
}

} // namespace replmond::cloud
