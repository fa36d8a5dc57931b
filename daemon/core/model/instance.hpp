#pragma once

#include "daemon/core/model/failure.hpp"
#include "daemon/core/model/lag.hpp"
#include "daemon/core/model/task.hpp"
#include "daemon/core/model/time.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace replmond {

/// True if `text` has the form of an instance id: 36 letters and digits. The suffix (in17, in07) is not
/// checked, because the cloud's documents disagree about it (API.md, section 1).
bool is_instance_id(std::string_view text);

/// The identity of a StarRocks instance: the labels of its metrics and the keys of its events.
struct instance_identity {
    std::string project; ///< the configured name of its project
    std::string project_id;
    std::string region;
    std::string name; ///< the label starrocks_instance: the configured or discovered name
    std::string id;   ///< 36 characters
    std::map<std::string, std::string> labels;

    bool operator==(const instance_identity&) const = default;
};

/// The cloud's error text of a task that is abnormal or needs repair. It is asked for in rounds: see
/// reasons.hpp.
struct task_reason {
    std::optional<std::string> text;
    std::optional<timestamp> round; ///< when the current round began, on the even clock
    int asked = 0;                  ///< how often the text was asked for in this round
    bool answered = false;          ///< an answer has arrived in this round
};

/// The state of a task, which is kept from poll to poll.
struct task_state {
    task_reading reading; ///< as of the last poll that saw it

    /// When the task was first seen with these databases. Empty: by a version of replmond that did not store
    /// it.
    std::optional<timestamp> appeared;
    // When the value was last seen to change. The first reading sets all three.
    timestamp stage_changed{};
    timestamp status_changed{};
    timestamp progress_changed{};

    // The last values that could be read. A value that is missing in one poll is not a change.
    std::optional<status> last_status;
    std::optional<double> last_percentage;

    std::optional<timestamp> abnormal_since; ///< set when status `No` is read, reset when `Yes` is read
    timestamp last_alert{};                  ///< when replication_abnormal was last logged; on the even clock
    std::int64_t alerts_repeated = 0;
    bool repair_needed = false; ///< as last reported
    /// When `repair_needed` became true. Empty while it is false, and if a version of replmond that did not
    /// store it saw that.
    std::optional<timestamp> repair_since;
    task_reason reason;

    /// When the first poll of the current row of polls that did not see the task ended; on the even clock.
    std::optional<timestamp> unseen_since;
};

/// The counters of an instance; they only grow.
struct instance_counters {
    std::array<std::uint64_t, poll_result_count> polls{};
    std::uint64_t polls_skipped = 0;
    std::array<std::array<std::uint64_t, stage_count>, stage_count> transitions{}; ///< [from][to]
};

/// A task that is not in the list any more.
struct departed_task {
    task_state state;
    timestamp at{}; ///< when it was found to be gone
};
using departed_tasks = std::map<std::string, departed_task>; ///< by task_name

/// How long a departed task is kept. The status page shows main tasks that are gone for as long as
/// MainTaskDisappeared alerts about them.
inline constexpr milliseconds departed_kept = std::chrono::hours(2);

/// Everything that is known of an instance. The monitor writes it; the metrics and the pages read it.
struct instance_state {
    instance_identity identity;
    std::map<std::string, task_state> tasks; ///< by task_name; ordered, so that all output is ordered
    departed_tasks departed;                 ///< tasks that disappeared within the last `departed_kept`
    instance_counters counters;

    std::optional<std::uint64_t> task_count; ///< the number of tasks in the last consistent poll
    std::optional<std::string> note;         ///< the list's `ext_text`, as last read
    std::optional<poll_result> last_result;
    std::optional<failure> last_failure;   ///< of the last poll, if it failed
    std::optional<timestamp> last_poll;    ///< when the last poll ended
    std::optional<timestamp> last_success; ///< when the last successful poll ended
    /// When the first poll of the current row of failed polls that read nothing ended; on the even clock.
    std::optional<timestamp> failing_since;
    milliseconds last_duration{};
    std::optional<timestamp> next_poll; ///< when the next poll is due; if that is past, it waits or runs
    milliseconds interval{};            ///< the interval in force, after stretching and slowing
    bool discovered = false;            ///< found by discovery, not configured
    std::optional<instance_lag> lag;    ///< nothing: it is not measured
};

/// True if `since` is set and at least `stale_after` ago: then the series of what was last seen before
/// `since` are removed. Both times are of the even clock.
inline bool is_stale(const std::optional<timestamp>& since, milliseconds stale_after, timestamp now) {
    return since && now - *since >= stale_after;
}

/// A run of failed polls, and what was logged about it: see failure_run. Its times are of the even clock.
struct failing_run {
    /// In a row. 0: the last poll did not fail, and the other members mean nothing.
    std::int64_t failures = 0;
    timestamp first{};                       ///< the first failure
    timestamp last_logged{};                 ///< when a failure was last logged
    poll_result said = poll_result::success; ///< the result that was last logged

    bool operator==(const failing_run&) const = default;
};

/// What was stored about an instance before the process started, or before the instance was watched again.
struct instance_past {
    std::map<std::string, task_state> tasks;
    departed_tasks departed;
    failing_run failing;
    std::array<std::array<std::uint64_t, stage_count>, stage_count> transitions{};
    std::optional<timestamp> last_success;
    std::optional<std::string> note;
};

} // namespace replmond
