// The events about tasks, with the fields and levels that users' scripts rely on (the contract, Log events).

#include "daemon/core/tracking/task_events.hpp"

#include "daemon/core/model/text.hpp"

#include <algorithm>
#include <utility>

namespace replmond::tracking {

namespace {

event about(const instance_identity& of, std::string_view task, event_name name, severity level,
            std::string message, timestamp now) {
    return make_event(name, level, now, std::move(message), of.project, of.name, std::string(task));
}

std::optional<decimal> as_number(const std::optional<double>& value) {
    if (!value)
        return std::nullopt;
    return decimal{to_shortest(*value)};
}

std::optional<std::string> word(const std::optional<stage>& value) {
    if (!value)
        return std::nullopt;
    return std::string(to_string(*value));
}

std::optional<std::string> word(const std::optional<status>& value) {
    if (!value)
        return std::nullopt;
    return std::string(to_string(*value));
}

// Never negative, also where the wall clock was set back meanwhile.
decimal seconds_since(timestamp then, timestamp now) {
    return decimal{to_seconds(std::max(now - then, milliseconds(0)))};
}

// The raw word of a stage is only known where the stage is `unknown`. If two stages differ, at most one of
// them is unknown, so at most one of the two words is set.
const std::optional<std::string>& either(const std::optional<std::string>& a,
                                         const std::optional<std::string>& b) {
    return a ? a : b;
}

} // namespace

event task_discovered(const instance_identity& of, const task_reading& seen, timestamp now) {
    return about(of, seen.name, "task_discovered", severity::info,
                 "the cloud lists a new synchronization task", now)
        .with("stage", to_string(seen.stage))
        .with("raw", seen.stage_raw)
        .with("status", word(seen.status))
        .with("main_task", seen.main_task);
}

event task_gone(const instance_identity& of, const task_reading& last, timestamp now) {
    const bool main = last.counts_as_main();
    return about(of, last.name, "task_gone", main ? severity::warn : severity::info,
                 main ? "the cloud no longer lists the synchronization task"
                      : "the cloud no longer lists the temporary synchronization task, which is normal",
                 now)
        .with("stage", to_string(last.stage))
        .with("raw", last.stage_raw)
        .with("status", word(last.status))
        .with("main_task", last.main_task);
}

event task_replaced(const instance_identity& of, const task_state& before, const task_reading& seen,
                    timestamp now) {
    const bool main = seen.counts_as_main();
    std::optional<decimal> after;
    if (before.appeared)
        after = seconds_since(*before.appeared, now);
    return about(of, seen.name, "task_replaced", main ? severity::warn : severity::info,
                 "the synchronization task was rebuilt with other databases under the same name", now)
        .with("source_database", seen.source_database)
        .with("target_database", seen.target_database)
        .with("from_source_database", before.reading.source_database)
        .with("from_target_database", before.reading.target_database)
        .with("after", after);
}

event stage_transition(const instance_identity& of, const task_state& before, const task_reading& seen,
                       timestamp now) {
    return about(of, seen.name, "stage_transition", severity::info, "the stage changed", now)
        .with("from", to_string(before.reading.stage))
        .with("to", to_string(seen.stage))
        .with("raw", either(seen.stage_raw, before.reading.stage_raw))
        .with("percentage", as_number(seen.percentage))
        .with("source_database", seen.source_database)
        .with("target_database", seen.target_database)
        .with("after", seconds_since(before.stage_changed, now));
}

event catchup_stage_transition(const instance_identity& of, const task_reading& before,
                               const task_reading& seen, timestamp now) {
    return about(of, seen.name, "catchup_stage_transition", severity::info, "the catch-up stage changed", now)
        .with("from", word(before.catchup_stage))
        .with("to", word(seen.catchup_stage))
        .with("raw", either(seen.catchup_stage_raw, before.catchup_stage_raw))
        .with("percentage", as_number(seen.catchup_percentage));
}

event replication_abnormal(const instance_identity& of, const task_state& state, const task_reading& seen,
                           timestamp now) {
    return about(of, seen.name, "replication_abnormal", severity::error, "the synchronization is abnormal",
                 now)
        .with("stage", to_string(seen.stage))
        .with("raw", seen.stage_raw)
        .with("percentage", as_number(seen.percentage))
        .with("since", to_rfc3339(state.abnormal_since.value_or(now)))
        .with("repeat", state.alerts_repeated)
        .with("reason", state.reason.text);
}

event replication_recovered(const instance_identity& of, std::string_view task, timestamp abnormal_since,
                            timestamp now) {
    return about(of, task, "replication_recovered", severity::info, "the synchronization is normal again",
                 now)
        .with("after", seconds_since(abnormal_since, now));
}

event replication_reason(const instance_identity& of, const task_state& state, timestamp now) {
    return about(of, state.reading.name, "replication_reason", severity::error,
                 "the cloud says why the synchronization is abnormal or needs repair", now)
        .with("reason", state.reason.text);
}

event repair_needed(const instance_identity& of, const task_state& state, timestamp now) {
    return about(of, state.reading.name, "repair_needed", severity::warn, "tables of this task need repair",
                 now)
        .with("reason", state.reason.text);
}

event repair_done(const instance_identity& of, const task_state& state, timestamp now) {
    return about(of, state.reading.name, "repair_done", severity::info,
                 "tables of this task no longer need repair", now)
        .with("reason", state.reason.text);
}

event unexpected_value_seen(const instance_identity& of, const unexpected_value& value, timestamp now) {
    const bool came_twice = value.field == "task_name" && !value.task.empty();
    return about(of, value.task, "unexpected_value", severity::warn,
                 came_twice
                     ? "the cloud listed this task more than once; the task counts as abnormal if one of its "
                       "records is abnormal"
                     : "the cloud sent a value that replmond does not understand; it counts as unknown",
                 now)
        .with("field", value.field)
        .with("value", value.value);
}

event instance_note(const instance_identity& of, const std::optional<std::string>& note, timestamp now) {
    return about(of, "", "instance_note", severity::info,
                 note ? "the cloud sent a note with the task list of this instance"
                      : "the cloud no longer sends a note with the task list of this instance",
                 now)
        .with("text", note);
}

} // namespace replmond::tracking
