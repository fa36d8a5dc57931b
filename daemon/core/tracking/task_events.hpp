#pragma once

#include "daemon/core/model/event.hpp"
#include "daemon/core/model/instance.hpp"

#include <optional>
#include <string_view>

/// The events about one task, with the fields and levels that users' scripts rely on. Each is built from the
/// state before it is overwritten and from what is read now.
namespace replmond::tracking {

event task_discovered(const instance_identity& of, const task_reading& seen, timestamp now);
event task_gone(const instance_identity& of, const task_reading& last, timestamp now);
/// Its databases changed under its name: `before` is the state that ends.
event task_replaced(const instance_identity& of, const task_state& before, const task_reading& seen,
                    timestamp now);
event stage_transition(const instance_identity& of, const task_state& before, const task_reading& seen,
                       timestamp now);
event catchup_stage_transition(const instance_identity& of, const task_reading& before,
                               const task_reading& seen, timestamp now);

/// `since` and `repeat` come from the state.
event replication_abnormal(const instance_identity& of, const task_state& state, const task_reading& seen,
                           timestamp now);
event replication_recovered(const instance_identity& of, std::string_view task, timestamp abnormal_since,
                            timestamp now);
event replication_reason(const instance_identity& of, const task_state& state, timestamp now);
event repair_needed(const instance_identity& of, const task_state& state, timestamp now);
event repair_done(const instance_identity& of, const task_state& state, timestamp now);
event unexpected_value_seen(const instance_identity& of, const unexpected_value& value, timestamp now);

/// What the cloud says of the whole list; `note` empty: nothing any more.
event instance_note(const instance_identity& of, const std::optional<std::string>& note, timestamp now);

} // namespace replmond::tracking
