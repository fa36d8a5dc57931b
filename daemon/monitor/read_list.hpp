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

/// The longest time for a whole poll, however much progress it makes (the contract, "What a poll does").
/// Waiting for a slot or for budget does not count.
inline constexpr auto longest_poll = std::chrono::seconds(120);

/// One reading to make.
struct list_job {
    std::string instance_id;
    int page_size = 100;
    milliseconds request_timeout{};
    tracking::list_reading::names known_tasks; ///< the tasks that the instance had before
    /// The caller still has the tasks of the last reading; see reading.unchanged.
    bool skips_unchanged = false;
    /// Decides what follows when a request has failed for the `attempts`-th time; `retries` were made in this
    /// poll.
    std::function<schedule::retry_decision(const failure&, int attempts, int retries)> after_failure;
};

/// How a reading ended.
struct list_outcome {
    result<tracking::reading> read = tracking::reading();
    int attempts = 0; ///< for the last page; 0: nothing was sent
    int requests = 0; ///< for pages, without retries
    std::optional<schedule::uptime> pause_until;
    milliseconds took{}; ///< without waiting for slots and budget
};

/// Reads an instance's list page by page until it is complete; list_reading decides which passes are repeated
/// or confirmed. `memory` is updated after a failure too. Failures: those of project_api::list, `protocol`
/// for a list without an end, `timeout` after longest_poll. Throws operation_aborted when the caller is
/// cancelled. `api`, `memory` and `permits` must stay valid until the coroutine ends.
boost::asio::awaitable<list_outcome> read_list(cloud::project_api& api, list_job job,
                                               tracking::reading_memory& memory,
                                               dispatcher::permits& permits);

} // namespace replmond::monitor
