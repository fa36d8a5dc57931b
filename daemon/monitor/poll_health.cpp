#include "daemon/monitor/poll_health.hpp"

#include "daemon/monitor/repeat.hpp"

#include <algorithm>

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

std::optional<std::string> if_known(const std::string& text) {
    if (text.empty())
        return std::nullopt;
    return text;
}

} // namespace

std::optional<event> poll_health::failed(const instance_identity& of, const failure& why, int attempts,
                                         milliseconds poll_interval, timestamp now) {
    if (failures_++ == 0)
        first_ = now;
    else if (why.result == said_ && !repeat_is_due(last_said_, now, repeat_interval_, poll_interval))
        return std::nullopt;
    said_ = why.result;
    last_said_ = now;

    event e = about(of, "poll_failed", severity::warn, "the poll failed; what was known before is kept", now);
    e.with("result", to_string(why.result));
    if (why.http_status != 0)
        e.with("http_status", why.http_status);
    return e.with("error_code", if_known(why.error_code))
        .with("error_msg", if_known(why.error_msg))
        .with("request_id", if_known(why.request_id))
        .with("attempts", attempts);
}

std::optional<event> poll_health::succeeded(const instance_identity& of, timestamp now) {
    if (failures_ == 0)
        return std::nullopt;
    event e = about(of, "poll_recovered", severity::info, "the poll succeeded again", now);
    e.with("after", decimal{to_seconds(std::max(now - first_, milliseconds(0)))}).with("failures", failures_);
    failures_ = 0;
    return e;
}

} // namespace replmond::monitor
