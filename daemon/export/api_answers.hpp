#pragma once

#include "daemon/export/fleet_view.hpp"
#include "daemon/export/instance_query.hpp"
#include "daemon/export/task_query.hpp"
#include "daemon/export/task_selection.hpp"
#include "daemon/model/event.hpp"

#include <array>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

/// The bodies of the JSON API: `{"status":"success","data":…}` or `{"status":"error","error":"…"}`.
namespace replmond::exposition {

std::string error_answer(std::string_view what_is_wrong);

/// `total` beside `data` where the query has a limit or an offset.
std::string tasks_answer(const fleet_view& fleet, const task_query& query);
std::string instances_answer(const fleet_view& fleet, const instance_query& query);

std::string events_answer(const std::vector<const event*>& events);

/// What the whole fleet adds up to.
struct fleet_totals {
    std::size_t instances = 0;
    std::size_t failing = 0;    ///< last poll failed
    std::size_t not_polled = 0; ///< yet
    std::size_t tasks = 0;
    task_totals of_tasks;
};
fleet_totals add_up(const std::vector<listed_instance>& instances);

std::string summary_answer(const fleet_totals& totals);

} // namespace replmond::exposition
