#include "daemon/monitor/discovery_events.hpp"

namespace replmond::monitor {
namespace {

event of_project(const std::string& project, const char* name, severity level, const char* message,
                 timestamp now) {
    event e;
    e.name = name;
    e.level = level;
    e.time = now;
    e.message = message;
    e.project = project;
    return e;
}

event of_instance(const instance_identity& of, const char* name, const char* message, timestamp now) {
    event e = of_project(of.project, name, severity::info, message, now);
    e.starrocks_instance = of.name;
    e.with("instance_id", of.id);
    return e;
}

} // namespace

event instance_discovered(const instance_identity& of, timestamp now) {
    return of_instance(of, "instance_discovered", "a StarRocks instance was found and is polled from now on",
                       now);
}

event instance_gone(const instance_identity& of, timestamp now) {
    return of_instance(of, "instance_gone", "the StarRocks instance is gone and is polled no more", now);
}

event instance_renamed(const instance_identity& of, std::string_view old_name, timestamp now) {
    event e = of_instance(of, "instance_renamed", "the StarRocks instance has another name", now);
    return e.with("old_name", old_name);
}

std::optional<event> discovery_health::failed(const failure& why, milliseconds interval, instant now) {
    if (!run_.failed(why.result, interval, now.even))
        return std::nullopt;
    event e = of_project(project_, "discovery_failed", severity::warn,
                         "instances could not be listed; those known before are kept", now.wall);
    describe_failure(e, why);
    return e;
}

std::optional<event> discovery_health::succeeded(instant now) {
    const auto ended = run_.succeeded(now.even);
    if (!ended)
        return std::nullopt;
    event e = of_project(project_, "discovery_recovered", severity::info, "instances could be listed again",
                         now.wall);
    return e.with("after", decimal{to_seconds(ended->after)}).with("failures", ended->failures);
}

} // namespace replmond::monitor
