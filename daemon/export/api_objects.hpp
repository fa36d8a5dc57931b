#pragma once

#include "daemon/export/instance_families.hpp"
#include "daemon/export/json_object.hpp"
#include "daemon/model/instance.hpp"

#include <array>
#include <cstddef>
#include <string>

/// The objects of the JSON API, and of `replmond task list --output=json`. A key whose value is not known is
/// left out. Times are RFC 3339 in UTC with milliseconds. docs/api.md says what each key means.
namespace replmond::exposition {

/// Appends the object of one task of `of`. Times of change that are not set (the epoch) are not known: a
/// single reading has none.
void append_task_object(std::string& json, const instance_state& of, const task_state& task,
                        const render_context& context);

/// What an instance's tasks add up to.
struct task_totals {
    std::array<std::size_t, stage_count> stages{}; ///< by stage
    std::size_t abnormal = 0;                      ///< status No
    std::size_t needs_repair = 0;
    std::size_t stale = 0;
};
task_totals add_up(const instance_state& of, const render_context& context);

/// Appends the object of an instance whose tasks add up to `totals`.
void append_instance_object(std::string& json, const instance_state& of, const task_totals& totals);

/// Appends the members that give totals: `stages`, all six, and the counts beside them.
void append_totals(std::string& json, json_object& object, const task_totals& totals);

} // namespace replmond::exposition
