#pragma once

#include "daemon/export/api_objects.hpp"
#include "daemon/export/fleet_view.hpp"
#include "daemon/export/task_query.hpp"

#include <cstddef>
#include <vector>

namespace replmond::exposition {

/// One task of a list: pointers into the fleet's states.
struct listed_task {
    const instance_state* of = nullptr;
    const task_state* task = nullptr;
};

struct task_selection {
    std::vector<listed_task> tasks; ///< from `offset` on, at most `limit`
    std::size_t total = 0;          ///< that fit the filters
};

/// One pass over the tasks; then only the page that is asked for is sorted.
task_selection select_tasks(const fleet_view& fleet, const task_query& query);

/// One instance of a list.
struct listed_instance {
    const instance_state* of = nullptr;
    task_totals totals;
};

/// All instances with their totals, by name.
std::vector<listed_instance> survey(const fleet_view& fleet);

/// Puts what needs a look first: failing polls, abnormal tasks, needs repair, stale, not polled yet; equals
/// by name.
void sort_by_severity(std::vector<listed_instance>& instances);

} // namespace replmond::exposition
