#include "tests/simulator/cloud.hpp"

#include "tests/simulator/api.hpp"
#include "tests/simulator/control.hpp"
#include "tests/simulator/errors.hpp"
#include "tests/simulator/mysql_query.hpp"

#include <fmt/format.h>

using replmond::testing::fault;
using replmond::testing::request;
using replmond::testing::script;

namespace replmond::simulator {
namespace {

// 32 hex digits that look unordered and never repeat: multiplication by an odd number is a bijection.
std::string make_request_id(std::uint64_t ordinal) {
    const std::uint64_t high = ordinal * 0x9E37'79B9'7F4A'7C15ULL;
    const std::uint64_t low = (ordinal ^ 0x5851'F42D'4C95'7F2DULL) * 0xBF58'476D'1CE4'E5B9ULL;
    return fmt::format("{:016x}{:016x}", high, low);
}

bool is_loopback(const std::string& address) {
    return address.starts_with("127.") || address == "::1" || address.starts_with("::ffff:127.");
}

// What requests for a change asked for; a token request has a password in it.
std::string body_to_remember(const call& now) {
    constexpr std::size_t most = 4096;
    return now.target.wanted == operation::token ? "" : now.asked.body.substr(0, most);
}

script answer_with_faults(cloud& all, call& now) {
    const auto rule = all.faults.take(now.target);
    script answer;
    static const error_forms usual;
    const error_forms& forms =
        is_iam(now.target.wanted) || is_metadata(now.target.wanted) ? usual : all.errors;
    if (!rule || !stops_request(*rule))
        answer = in_form(answer_api(all, now), forms);
    if (rule)
        answer = apply(*rule, std::move(answer), now, forms);

    const bool answered = answer.fault != fault::hang_before_answer &&
                          answer.fault != fault::reset_before_answer &&
                          answer.fault != fault::close_before_answer;
    all.requests.add({now.at.now, now.asked.method, now.asked.path, now.asked.query, now.target.instance,
                      answered ? answer.status : 0, outcome_of(answer), now.request_id, now.asked.connection,
                      std::string(name_of(now.target.wanted)), now.caller, now.note, now.grave,
                      body_to_remember(now)});
    all.load.count(now.asked, answer);
    return answer;
}

constexpr int first_error = 400;

} // namespace

script handle(cloud& all, const request& asked, virtual_time elapsed, wall_time real) {
    call now{asked,
             find_route(asked.method, asked.path),
             {elapsed + all.advanced, real, real + all.clock_offset},
             make_request_id(++all.answers),
             {},
             {},
             false};
    script answer;
    const bool may_change = asked.method != "GET";
    if (may_change)
        observe_tasks(all, now.at);
    if (!asked.path.starts_with("/_control/"))
        answer = answer_with_faults(all, now);
    else if (is_loopback(asked.peer))
        answer = answer_control(all, asked, now.at);
    else
        answer = json_answer(403, {{"error", "the control endpoint answers on loopback only"}});
    if (may_change)
        observe_tasks(all, {elapsed + all.advanced, real, now.at.shown});
    answer.headers.emplace_back("Date", http_date(now.at.shown));
    const bool of_iam = is_iam(now.target.wanted);
    if (of_iam)
        answer.headers.emplace_back("X-IAM-Trace-Id", now.request_id);
    if (!of_iam || answer.status >= first_error) // the gateway before IAM adds its own to errors
        answer.headers.emplace_back("X-Request-Id", now.request_id);
    return answer;
}

} // namespace replmond::simulator
