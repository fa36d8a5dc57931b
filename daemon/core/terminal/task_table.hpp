#pragma once

#include "daemon/core/model/task.hpp"
#include "daemon/core/model/time.hpp"
#include "daemon/core/terminal/task_list.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

/// The table of `replmond task list`. No I/O.
namespace replmond::terminal {

/// How the table is printed.
struct table_style {
    bool colours = false;
    std::optional<std::size_t> width; ///< columns of the terminal; nothing: no limit
    bool wide = false;                ///< all columns in full length, whatever `width` is
};

/// "normal", "ABNORMAL", or "-" if the status is not known.
std::string status_words(const task_reading& of);
/// "full"; an unknown stage is shown with the cloud's word.
std::string stage_words(stage of, const std::optional<std::string>& raw);
/// "42.5%", or "-" if it is not known.
std::string percentage_words(const std::optional<double>& value);
/// "full 42.5%" while the task is catching up, else "-".
std::string catchup_words(const task_reading& of);

/// "0.4s", "12s", "4m05s", "1h05m", or "-" if it is not known.
std::string lag_words(const std::optional<milliseconds>& lag);

/// A headline and a line for each task, aligned; the column LAG only if it is measured for any. If the table
/// is wider than the terminal, whole columns are left out: first those that say nothing in any line, then
/// source and target, catch-up, progress, stage, lag, repair. If that is not enough, the names of instance
/// and task are cut, the widest column first, so that different names stay different where that is possible;
/// and at last the lines. Empty if there are no tasks.
std::string task_table(const std::vector<listed_task>& tasks, const table_style& style);

} // namespace replmond::terminal
