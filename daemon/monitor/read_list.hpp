#pragma once

#include "daemon/cloud/project_api.hpp"
#include "daemon/core/model/time.hpp"
#include "daemon/core/schedule/retry.hpp"
#include "daemon/core/tracking/reading.hpp"
#include "daemon/monitor/dispatcher.hpp"

#include <boost/asio/awaitable.hpp>

#include <functional>
#include <optional>
#include <string>

namespace replmond::monitor {

/// A poll, from its first page to its last, may take this long however much progress it makes. Waiting for a
/// slot or for budget does not count.
inline constexpr auto longest_poll = std::chrono::seconds(120);

struct list_job {
    std::string instance_id;
    int page_size = 100;
    milliseconds request_timeout{};
    tracking::list_reading::names known_tasks; ///< what the instance had before
    bool skips_unchanged = false; ///< the caller has the tasks of the last reading: see reading.unchanged
    /// Says what to do after a request failed for the `attempts`-th time, `retries` of this poll among them.
    std::function<schedule::retry_decision(const failure&, int attempts, int retries)> after_failure;
};

struct list_outcome {
    result<tracking::reading> read = tracking::reading();
    int attempts = 0; ///< of the last page; 0: nothing was sent
    int requests = 0; ///< for pages, without those that were repeated
    std::optional<schedule::uptime> pause_until;
    milliseconds took{}; ///< without waiting for slots and budget
};

/// Reads an instance's list page by page until it is complete, repeats and confirms as list_reading asks for.
/// `memory` is updated in any case. Failures: those of project_api::list, `protocol` for a list without an
/// end, `timeout` after longest_poll.
boost::asio::awaitable<list_outcome> read_list(cloud::project_api& api, list_job job,
                                               tracking::reading_memory& memory,
                                               dispatcher::permits& permits);

} // namespace replmond::monitor
