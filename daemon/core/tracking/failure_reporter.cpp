// Decides when a run of failures is logged, and makes the events about polls, discovery and stretched
// intervals.

#include "daemon/core/tracking/failure_reporter.hpp"

#include "daemon/core/model/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace replmond::tracking {

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
    else if (why == run_.said && !repeat_is_due(run_.last_logged, even_now, repeat_interval_, tried_every))
        return false;
    run_.said = why;
    run_.last_logged = even_now;
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

namespace {} // namespace

std::optional<event> poll_reporter::failed(const instance_identity& of, const failure& why, int attempts,
                                           milliseconds poll_interval, instant now) {
    if (!run_.failed(why.result, poll_interval, now.even))
        return std::nullopt;
    event e =
        make_event("poll_failed", severity::warn, now.wall,
                   "the poll failed; replmond keeps the tasks that it knew before", of.project, of.name);
    describe_failure(e, why);
    return e.with("attempts", attempts);
}

std::optional<event> poll_reporter::succeeded(const instance_identity& of, instant now) {
    const auto ended = run_.succeeded(now.even);
    if (!ended)
        return std::nullopt;
    event e = make_event("poll_recovered", severity::info, now.wall, "the poll succeeded again", of.project,
                         of.name);
    return e.with("after", decimal{to_seconds(ended->after)}).with("failures", ended->failures);
}

namespace {

event of_instance(const instance_identity& of, event_name name, const char* message, timestamp now) {
    event e = make_event(name, severity::info, now, message, of.project, of.name);
    e.with("instance_id", of.id);
    return e;
}

} // namespace

event instance_discovered(const instance_identity& of, timestamp now) {
    return of_instance(of, "instance_discovered",
                       "discovery found a StarRocks instance; replmond polls it from now on", now);
}

event instance_gone(const instance_identity& of, timestamp now) {
    return of_instance(of, "instance_gone", "the StarRocks instance is gone; replmond no longer polls it",
                       now);
}

event instance_renamed(const instance_identity& of, std::string_view old_name, timestamp now) {
    event e = of_instance(of, "instance_renamed", "the StarRocks instance has a new name", now);
    return e.with("old_name", old_name);
}

std::optional<event> discovery_reporter::failed(const failure& why, milliseconds interval, instant now) {
    if (!run_.failed(why.result, interval, now.even))
        return std::nullopt;
    event e = make_event(
        "discovery_failed", severity::warn, now.wall,
        "the instances of the project cannot be listed; replmond keeps those that it knew before", project_);
    describe_failure(e, why);
    return e;
}

std::optional<event> discovery_reporter::succeeded(instant now) {
    const auto ended = run_.succeeded(now.even);
    if (!ended)
        return std::nullopt;
    event e = make_event("discovery_recovered", severity::info, now.wall,
                         "the instances of the project can be listed again", project_);
    return e.with("after", decimal{to_seconds(ended->after)}).with("failures", ended->failures);
}

namespace {

double hundredths(double value) {
    return std::round(value * 100) / 100;
}

} // namespace

std::optional<event> stretch_event(std::string_view project, const schedule::stretch_change& change,
                                   timestamp now) {
    const auto& plan = change.plan;
    const bool is_over = plan.factor == 1;
    if (!change.is_news && !is_over)
        return std::nullopt;

    const std::string window = to_seconds(change.window) + "s";
    event e = make_event("intervals_stretched", change.begins ? severity::warn : severity::info, now, {},
                         std::string(project));
    const std::string needs =
        fmt::format("{} instances need {} requests in {}, and {} are available for them (80 % of {})",
                    change.instances, to_shortest(hundredths(plan.planned)), window,
                    to_shortest(hundredths(0.8 * plan.allowed)), plan.allowed);
    if (is_over)
        e.message =
            fmt::format("polls fit rate_limit again: {}; replmond uses the configured intervals", needs);
    else
        e.message =
            fmt::format("polls do not fit rate_limit: {}; replmond makes their intervals {} times as long",
                        needs, to_shortest(hundredths(plan.factor)));
    e.with("planned", decimal{to_shortest(hundredths(plan.planned))})
        .with("limit", plan.allowed)
        .with("window", decimal{to_seconds(change.window)})
        .with("instances", static_cast<std::int64_t>(change.instances))
        .with("stretch", decimal{to_shortest(hundredths(plan.factor))});
    return e;
}

} // namespace replmond::tracking
