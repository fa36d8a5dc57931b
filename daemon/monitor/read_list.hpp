#pragma once

#include "daemon/cloud/project_api.hpp"
#include "daemon/model/time.hpp"
#include "daemon/monitor/reading.hpp"

#include <boost/asio/awaitable.hpp>

#include <set>
#include <string>

namespace replmond::monitor {

/// A poll, from its first page to its last, may take this long however much progress it makes.
inline constexpr auto longest_poll = std::chrono::seconds(120);

struct list_job {
    std::string instance_id;
    int page_size = 100;
    milliseconds request_timeout{};
    std::set<std::string> known_tasks;
};

/// Reads an instance's list page by page until it is complete, repeats and confirms as list_reading asks for,
/// all of it within longest_poll. `memory` is updated in any case. Failures:
/// those of project_api::list, `protocol` for a list without an end, `timeout`.
boost::asio::awaitable<result<reading>> read_list(cloud::project_api& api, list_job job,
                                                  reading_memory& memory);

} // namespace replmond::monitor
