#pragma once

#include "daemon/core/model/event.hpp"
#include "daemon/core/model/instance.hpp"

#include <optional>
#include <string_view>

/// The events about one task, with the fields and levels of the contract (Log events). Each is made from the
/// state before it is overwritten and from the new reading.
namespace replmond::tracking {

event task_discovered(const instance_identity& of, const task_reading& seen, timestamp now);
event task_gone(const instance_identity& of, const task_reading& last, timestamp now);
/// The task has the same name, but other databases. `before`: the state of the old task.
event task_replaced(const instance_identity& of, const task_state& before, const task_reading& seen,
                    timestamp now);
event stage_transition(const instance_identity& of, const task_state& before, const task_reading& seen,
                       timestamp now);
event catchup_stage_transition(const instance_identity& of, const task_reading& before,
                               const task_reading& seen, timestamp now);

/// `since` and `repeat` are taken from the state.
event replication_abnormal(const instance_identity& of, const task_state& state, const task_reading& seen,
                           timestamp now);
event replication_recovered(const instance_identity& of, std::string_view task, timestamp abnormal_since,
                            timestamp now);
event replication_reason(const instance_identity& of, const task_state& state, timestamp now);
event repair_needed(const instance_identity& of, const task_state& state, timestamp now);
event repair_done(const instance_identity& of, const task_state& state, timestamp now);
event unexpected_value_seen(const instance_identity& of, const unexpected_value& value, timestamp now);

/// The list's `ext_text` has appeared or changed, or has ended (`note` empty).
event instance_note(const instance_identity& of, const std::optional<std::string>& note, timestamp now);

} // namespace replmond::tracking
