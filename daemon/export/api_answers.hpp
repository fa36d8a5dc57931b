#pragma once

#include "daemon/export/answer_job.hpp"
#include "daemon/export/fleet_view.hpp"
#include "daemon/export/instance_query.hpp"
#include "daemon/export/task_query.hpp"
#include "daemon/model/event.hpp"

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

/// The bodies of the JSON API: `{"status":"success","data":…}` or `{"status":"error","error":"…"}`.
namespace replmond::exposition {

std::string error_answer(std::string_view what_is_wrong);

/// `total` beside `data` where the query has a limit or an offset. `look`: at the fleet as it is then.
std::unique_ptr<answer_job> tasks_answer(std::function<fleet_view()> look, const task_query& query);
std::unique_ptr<answer_job> instances_answer(std::function<fleet_view()> look, const instance_query& query);
std::unique_ptr<answer_job> summary_answer(std::function<fleet_view()> look);

/// `events` gives them at once, valid for that turn of the loop; they are copied.
std::unique_ptr<answer_job> events_answer(std::function<std::vector<const event*>()> events);

} // namespace replmond::exposition
