#pragma once

#include "daemon/core/model/task.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

/// The table of `replmond task list`. No I/O.
namespace replmond::terminal {

/// A task with the name of its instance.
struct listed_task {
    std::string instance;
    task_reading task;
};

/// How the table is printed.
struct table_style {
    bool colours = false;
    std::optional<std::size_t> width; ///< columns of the terminal; nothing: no limit
};

/// "normal", "ABNORMAL", or "-" if the status is not known.
std::string status_words(const task_reading& of);
/// "full"; an unknown stage is shown with the cloud's word.
std::string stage_words(stage of, const std::optional<std::string>& raw);
/// "42.5%", or "-" if it is not known.
std::string percentage_words(const std::optional<double>& value);
/// "full 42.5%" while the task is catching up, else "-".
std::string catchup_words(const task_reading& of);

/// A headline and a line for each task, aligned. If the table is wider than the terminal, the names are cut,
/// the widest column first; if that is not enough, the lines are cut. Empty if there are no tasks.
std::string task_table(const std::vector<listed_task>& tasks, const table_style& style);

} // namespace replmond::terminal
