#pragma once

#include "daemon/core/model/task.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

/// The table of `replmond task list`. Pure.
namespace replmond::terminal {

struct listed_task {
    std::string instance;
    task_reading task;
};

struct table_style {
    bool colours = false;
    std::optional<std::size_t> width; ///< of the terminal; none: as wide as it needs
};

/// The words for people: "normal", "ABNORMAL", "-" where it is not known.
std::string status_words(const task_reading& of);
/// "full", or an unknown stage as the cloud wrote it.
std::string stage_words(stage of, const std::optional<std::string>& raw);
/// "42.5%", "-".
std::string percentage_words(const std::optional<double>& value);
/// "full 42.5%" while there is something to catch up, else "-".
std::string catchup_words(const task_reading& of);

/// A headline and a line for each task, aligned. Where it is wider than the terminal the names are cut, the
/// widest first, and at last the lines. Empty for no tasks.
std::string task_table(const std::vector<listed_task>& tasks, const table_style& style);

} // namespace replmond::terminal
