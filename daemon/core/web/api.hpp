#pragma once

#include "daemon/core/http/reply_body.hpp"
#include "daemon/core/model/event.hpp"
#include "daemon/core/web/fleet_view.hpp"
#include "daemon/core/web/queries.hpp"

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

/// The bodies of the JSON API: `{"status":"success","data":…}` or `{"status":"error","error":"…"}` (the
/// contract, HTTP; docs/api.md).
namespace replmond::web {

/// `{"status":"error","error":"…"}` and a newline.
std::string error_json(std::string_view what_is_wrong);

/// If the query has a limit or an offset, the key `total` follows `data`. `look` returns the fleet as it is
/// at the time of the call; it is called once in each step.
std::unique_ptr<http::reply_body> tasks_body(std::function<fleet_view()> look, const task_query& query);
std::unique_ptr<http::reply_body> instances_body(std::function<fleet_view()> look,
                                                 const instance_query& query);
std::unique_ptr<http::reply_body> summary_body(std::function<fleet_view()> look);

/// `events` is called once, in the first step. Its pointers need only be valid for that turn of the loop,
/// since the events are copied.
std::unique_ptr<http::reply_body> events_body(std::function<std::vector<const event*>()> events);

} // namespace replmond::web
