#include "daemon/cloud/answer.hpp"

#include "daemon/cloud/body_description.hpp"
#include "daemon/cloud/clock_skew.hpp"
#include "daemon/cloud/error_body.hpp"
#include "daemon/cloud/retry_after.hpp"
#include "daemon/model/text.hpp"

#include <fmt/format.h>

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

// What nobody can read in a log line is described instead.
std::string message_of(const net::http_response& answer, std::string from_body) {
    if (const std::string target = redirect_target(answer); !target.empty())
        return fmt::format("the answer redirects to {}, which is not followed: is the endpoint right?",
                           target);
    if (!answer.body.empty() && is_unreadable_body(answer))
        return "the answer says no more: " + describe_body(answer);
    return from_body;
}

} // namespace

std::string request_id_of(const net::http_response& answer) {
    for (const auto* name : {"X-Request-Id", "X-IAM-Trace-Id"}) {
        if (const std::string_view id = net::find_header(answer.headers, name); !id.empty())
            return cut_between_characters(id, longest_request_id);
    }
    return {};
}

std::optional<failure> failure_of(const net::http_response& answer, std::optional<timestamp> now) {
    if (answer.status == 200)
        return std::nullopt;
    error_body body = decode_error_body(answer.body);
    failure f;
    f.result = result_of(answer.status);
    f.http_status = answer.status;
    f.request_id = request_id_of(answer);
    if (f.request_id.empty()) // the gateway has it in the body too
        f.request_id = std::move(body.request_id);
    f.error_code = std::move(body.code);
    f.error_msg = message_of(answer, std::move(body.message));
    const auto sent = parse_imf_fixdate(net::find_header(answer.headers, "Date"));
    f.retry_after = parse_retry_after(net::find_header(answer.headers, "Retry-After"), sent ? sent : now);
    return f;
}

} // namespace replmond::cloud
