#include "daemon/monitor/poll_health.hpp"

namespace replmond::monitor {
namespace {

event about(const instance_identity& of, const char* name, severity level, const char* message,
            timestamp now) {
    event e;
    e.name = name;
    e.level = level;
    e.time = now;
    e.message = message;
    e.project = of.project;
    e.starrocks_instance = of.name;
    return e;
}

} // namespace

std::optional<event> poll_health::failed(const instance_identity& of, const failure& why, int attempts,
                                         milliseconds poll_interval, instant now) {
    if (!run_.failed(why.result, poll_interval, now.even))
        return std::nullopt;
    event e =
        about(of, "poll_failed", severity::warn, "the poll failed; what was known before is kept", now.wall);
    describe_failure(e, why);
    return e.with("attempts", attempts);
}

std::optional<event> poll_health::succeeded(const instance_identity& of, instant now) {
    const auto ended = run_.succeeded(now.even);
    if (!ended)
        return std::nullopt;
    event e = about(of, "poll_recovered", severity::info, "the poll succeeded again", now.wall);
    return e.with("after", decimal{to_seconds(ended->after)}).with("failures", ended->failures);
}

} // namespace replmond::monitor
