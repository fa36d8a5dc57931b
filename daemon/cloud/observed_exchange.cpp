// Reports each exchange when it has ended: for metrics, and for the log at --log.level=debug.

#include "daemon/cloud/observed_exchange.hpp"

#include "daemon/core/cloud/errors.hpp"

#include <string>

namespace replmond::cloud {

using clock = std::chrono::steady_clock;

void notify_of_exchange(const request_observer& observer, sent_request sent,
                        const result<http::http_response>& answer, const secret_mask& mask) {
    const std::string code = answer ? std::to_string(answer->status) : "error";
    std::string id = answer ? request_id_of(*answer) : std::string();
    std::string error = answer ? std::string() : answer.error().error_msg;
    mask.apply(id);
    mask.apply(error);
    sent.code = code;
    sent.request_id = id;
    sent.error_msg = error;
    observer(sent);
}

boost::asio::awaitable<result<http::http_response>>
observed_exchange(client::http_client& client, const http::http_request& request, clock::duration timeout,
                  std::string_view operation, const request_observer& observer, const secret_mask& mask) {
    const auto started = clock::now();
    auto answer = co_await client.exchange(request, timeout);
    sent_request sent;
    sent.operation = operation;
    sent.took = clock::now() - started;
    notify_of_exchange(observer, sent, answer, mask);
    co_return answer;
}

} // namespace replmond::cloud
