#include "tests/simulator/cloud.hpp"

#include "tests/simulator/api.hpp"
#include "tests/simulator/control.hpp"
#include "tests/simulator/errors.hpp"

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

script answer_with_faults(cloud& all, const request& asked, virtual_time now, const std::string& request_id) {
    const std::string instance = instance_in(asked.path);
    const auto rule = all.faults.take(instance);
    script answer;
    if (!rule || !stops_request(*rule))
        answer = answer_api(all.tasks, asked, now, request_id);
    if (rule)
        answer = apply(*rule, std::move(answer), request_id);

    const bool answered =
        answer.fault != fault::hang_before_answer && answer.fault != fault::reset_before_answer;
    all.requests.add({now, asked.method, asked.path, asked.query, instance, answered ? answer.status : 0,
                      outcome_of(answer), request_id, asked.connection});
    return answer;
}

} // namespace

script handle(cloud& all, const request& asked, virtual_time elapsed) {
    const virtual_time now = elapsed + all.advanced;
    const std::string request_id = make_request_id(++all.answers);
    script answer;
    if (!asked.path.starts_with("/_control/"))
        answer = answer_with_faults(all, asked, now, request_id);
    else if (is_loopback(asked.peer))
        answer = answer_control(all, asked, now);
    else
        answer = json_answer(403, {{"error", "the control endpoint answers on loopback only"}});
    answer.headers.emplace_back("X-Request-Id", request_id);
    return answer;
}

} // namespace replmond::simulator
