#include "daemon/cloud/answer.hpp"

#include "daemon/cloud/clock_skew.hpp"
#include "daemon/cloud/error_body.hpp"
#include "daemon/cloud/retry_after.hpp"
#include "daemon/model/text.hpp"

#include <utility>

namespace replmond::cloud {
namespace {

constexpr std::size_t longest_request_id = 200; // bytes; a log line has it

poll_result result_of(int status) {
    switch (status) {
    case 401:
        return poll_result::auth;
    case 429:
        return poll_result::throttled;
    default:
        return poll_result::http;
    }
}

// The services send X-Request-Id, IAM X-IAM-Trace-Id, the gateway also "request_id" in the body.
std::string request_id_of(const net::http_response& answer, const error_body& body) {
    for (const auto* name : {"X-Request-Id", "X-IAM-Trace-Id"}) {
        if (const std::string_view id = net::find_header(answer.headers, name); !id.empty())
            return cut_between_characters(id, longest_request_id);
    }
    return body.request_id;
}

} // namespace

std::optional<failure> failure_of(const net::http_response& answer, std::optional<timestamp> now) {
    if (answer.status == 200)
        return std::nullopt;
    error_body body = decode_error_body(answer.body);
    failure f;
    f.result = result_of(answer.status);
    f.http_status = answer.status;
    f.request_id = request_id_of(answer, body);
    f.error_code = std::move(body.code);
    f.error_msg = std::move(body.message);
    const auto sent = parse_imf_fixdate(net::find_header(answer.headers, "Date"));
    f.retry_after = parse_retry_after(net::find_header(answer.headers, "Retry-After"), sent ? sent : now);
    return f;
}

} // namespace replmond::cloud
