#pragma once

#include "daemon/core/model/condition.hpp"
#include "daemon/core/model/instance.hpp"
#include "daemon/core/web/fleet_view.hpp"
#include "daemon/core/web/html.hpp"

#include <string_view>

/// How the state of a task is shown, in the table of tasks, in the list of what is wrong and on its own page.
namespace replmond::web {

/// The class of the badge of a condition: `bad` or `warn`.
std::string_view kind_of(condition value);

/// A task with what is computed of it once for all cells. The references are valid for one turn of the loop.
struct shown_task {
    const instance_state& of;
    const task_state& state;
    const task_lag* lag = nullptr; ///< null: none was read
    condition_set conditions;
    look_time at;
};
shown_task show(const instance_state& of, const task_state& state, const look_time& at);

/// Badges of stage and status, and of every other condition. Of a task that the last poll did not see, with
/// `last known` before them and since when it was not read behind them.
void append_state(html& out, const shown_task& task);

/// The percentage with a bar; `not reported` without one.
void append_progress(html& out, const task_reading& read);

/// The lag as of the last read; that it cannot be read, or is not measured.
void append_lag(html& out, const shown_task& task);

/// Source and target database.
void append_databases(html& out, const task_reading& read);

} // namespace replmond::web
