#pragma once

#include "daemon/core/model/task.hpp"
#include "daemon/core/model/task_severity.hpp"
#include "daemon/core/model/time.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

/// Which tasks `replmond task list` shows, in which order, and what they add up to. No I/O.
namespace replmond::terminal {

/// A task with what is known besides its reading.
struct listed_task {
    std::string project;
    std::string instance; ///< the instance's name
    task_reading task;
    bool lag_is_measured = false;
    std::optional<milliseconds> lag; ///< nothing: not measured, or it could not be read
    bool lag_exceeded = false;       ///< it is above `lag.alert_above`
    std::size_t place = 0;           ///< for the caller: which task it is
};

/// `worst`: the order of task_severity. Tasks that are equal by it are ordered by project, instance and name.
enum class list_order { worst, name, instance };

/// The tasks that are shown. Empty: all.
struct list_filter {
    std::vector<status_word> statuses;
    std::vector<stage> stages;

    bool admits(const task_reading& task) const;
};

/// Leaves the tasks that the filter admits, in this order.
void select_tasks(std::vector<listed_task>& tasks, const list_filter& filter, list_order order);

/// What the tasks of a list add up to.
struct list_counts {
    std::size_t tasks = 0;
    std::size_t abnormal = 0;
    std::size_t needs_repair = 0;
    std::size_t lag_exceeded = 0;
};
list_counts count_tasks(const std::vector<listed_task>& tasks);

/// The line below the table: "600 tasks: 11 abnormal, 15 need repair". `shown`: how many of them a filter has
/// left.
std::string footer_words(const list_counts& counts, std::size_t shown);

} // namespace replmond::terminal
