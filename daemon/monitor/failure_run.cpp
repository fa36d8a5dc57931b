#include "daemon/monitor/failure_run.hpp"

#include "daemon/monitor/repeat.hpp"

#include <algorithm>
#include <utility>

namespace replmond::monitor {
namespace {

std::optional<std::string> if_known(const std::string& text) {
    if (text.empty())
        return std::nullopt;
    return text;
}

} // namespace

bool failure_run::failed(poll_result why, milliseconds tried_every, timestamp even_now) {
    if (run_.failures++ == 0)
        run_.first = even_now;
    else if (why == run_.said && !repeat_is_due(run_.last_said, even_now, repeat_interval_, tried_every))
        return false;
    run_.said = why;
    run_.last_said = even_now;
    return true;
}

std::optional<failure_run::ended> failure_run::succeeded(timestamp even_now) {
    if (run_.failures == 0)
        return std::nullopt;
    return ended{std::max(even_now - run_.first, milliseconds(0)), std::exchange(run_.failures, 0)};
}

void describe_failure(event& e, const failure& why) {
    e.with("result", to_string(why.result));
    if (why.http_status != 0)
        e.with("http_status", why.http_status);
    e.with("error_code", if_known(why.error_code))
        .with("error_msg", if_known(why.error_msg))
        .with("request_id", if_known(why.request_id));
}

} // namespace replmond::monitor
