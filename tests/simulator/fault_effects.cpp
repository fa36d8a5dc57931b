// What a fault makes of an answer.
#include "tests/simulator/errors.hpp"
#include "tests/simulator/fault_bodies.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <string_view>

using replmond::testing::fault;
using replmond::testing::script;

namespace replmond::simulator {
namespace {

bool never_has_body(int status) {
    return status == 204 || status == 304;
}

// The answer that the rule asks for instead of the true one.
script another_answer(const fault_rule& rule, script answer, const call& now, const error_forms& forms) {
    if (rule.answer)
        answer = fault_body(rule, now);
    else if (rule.status && (rule.error_code || rule.error_msg))
        answer = in_form(service_error(*rule.status, rule.error_code.value_or("DBS.200005"),
                                       rule.error_msg.value_or("Server failure.")),
                         forms);
    else if (rule.status)
        answer = in_form(usual_error(*rule.status, now.request_id), forms);
    if (rule.body)
        answer.body = *rule.body;
    if (never_has_body(answer.status))
        answer.body.clear();
    return answer;
}

// All that may be secret in a request, as a careless server repeats it.
std::string sent_in_secret(const testing::request& asked) {
    std::string sent = asked.body;
    for (const auto* name : {"Authorization", "X-Auth-Token", "X-Security-Token", "X-Metadata-Token"}) {
        if (const auto value = asked.header(name))
            sent.append(sent.empty() ? "" : " ").append(*value);
    }
    return sent;
}

void send_back(script& answer, const testing::request& asked) {
    constexpr std::string_view place = "{sent}";
    const std::string sent = sent_in_secret(asked);
    const std::string quoted = boost::json::serialize(boost::json::string(sent));
    const std::string_view inner = std::string_view(quoted).substr(1, quoted.size() - 2);
    for (auto at = answer.body.find(place); at != std::string::npos;
         at = answer.body.find(place, at + inner.size()))
        answer.body.replace(at, place.size(), inner);
    answer.headers.emplace_back("X-Request-Id", sent);
    answer.headers.emplace_back("X-IAM-Trace-Id", sent);
}

std::string in_chunks(const std::string& body) {
    std::string bytes;
    constexpr std::size_t size = 1000;
    for (std::size_t at = 0; at < body.size(); at += size) {
        const auto chunk = body.substr(at, size);
        bytes += fmt::format("{:x}\r\n{}\r\n", chunk.size(), chunk);
    }
    return bytes + "0\r\n\r\n";
}

void encode(const fault_rule& rule, script& answer) {
    if (rule.gzip) {
        answer.body = as_gzip(answer.body);
        answer.headers.emplace_back("Content-Encoding", "gzip");
    }
    if (rule.chunked) {
        answer.headers.emplace_back("Transfer-Encoding", "chunked");
        answer.body = *rule.chunked == "good" ? in_chunks(answer.body)
                                              : "ZZ; no size\r\n" + answer.body + "\r\n-1\r\n\r\n";
    }
    if (rule.content_length_add) {
        const auto size = static_cast<std::int64_t>(answer.body.size()) + *rule.content_length_add;
        answer.headers.emplace_back("Content-Length", std::to_string(std::max<std::int64_t>(size, 0)));
    }
}

void add_headers(const fault_rule& rule, script& answer, const instant& at) {
    if (rule.location)
        answer.headers.emplace_back("Location", *rule.location);
    if (rule.retry_after || rule.retry_after_date)
        std::erase_if(answer.headers, [](const auto& header) { return header.first == "Retry-After"; });
    if (rule.retry_after)
        answer.headers.emplace_back("Retry-After", *rule.retry_after);
    if (rule.retry_after_date)
        answer.headers.emplace_back("Retry-After",
                                    http_date(at.shown + std::chrono::seconds(*rule.retry_after_date)));
}

void break_off(breaking_point where, fault before_answer, fault after, script& answer) {
    answer.fault = where == breaking_point::answer ? before_answer : after;
    answer.cut_in_body = true;
    answer.cut_at = where == breaking_point::body ? (answer.body.size() + 1) / 2 : 0;
}

} // namespace

script apply(const fault_rule& rule, script answer, const call& now, const error_forms& forms) {
    answer = another_answer(rule, std::move(answer), now, forms);
    if (rule.echo)
        send_back(answer, now.asked);
    add_headers(rule, answer, now.at);
    encode(rule, answer);
    answer.delay = std::chrono::milliseconds(rule.delay_ms.value_or(0));

    if (rule.hang) {
        answer.fault = fault::hang_before_answer;
    } else if (rule.reset_at) {
        break_off(*rule.reset_at, fault::reset_before_answer, fault::reset_after, answer);
    } else if (rule.cut_at) {
        break_off(*rule.cut_at, fault::close_before_answer, fault::cut_after, answer);
    } else if (rule.cut) {
        answer.fault = fault::cut_after;
        answer.cut_at = static_cast<std::size_t>(*rule.cut);
    } else if (rule.trickle_ms) {
        answer.fault = fault::trickle;
        answer.interval = std::chrono::milliseconds(*rule.trickle_ms);
    }
    return answer;
}

} // namespace replmond::simulator
