#pragma once

#include "daemon/core/model/failure.hpp"
#include "daemon/core/model/task.hpp"
#include "daemon/core/model/time.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace replmond {

/// The form of instance ids: 36 letters and digits. Suffixes differ (in17, in07) and are not looked at.
bool is_instance_id(std::string_view text);

/// Who a StarRocks instance is: what its metrics and events are labelled with.
struct instance_identity {
    std::string project; ///< the configured name
    std::string project_id;
    std::string region;
    std::string name; ///< label starrocks_instance: configured or discovered
    std::string id;   ///< 36 characters
    std::map<std::string, std::string> labels;

    bool operator==(const instance_identity&) const = default;
};

/// The cloud's error text of a task that is abnormal or needs repair, and how often it was asked for.
struct task_reason {
    std::optional<std::string> text;
    std::optional<timestamp> round; ///< when asking (again) began; on the even clock
    int asked = 0;                  ///< polls of this round at which it was asked for
    bool answered = false;          ///< in this round
};

/// What is remembered of a task between polls.
struct task_state {
    task_reading reading; ///< as of the last poll that saw it

    std::optional<timestamp> appeared; ///< with these databases; empty: before replmond kept this
    // When each was last seen to change; first sight sets all three.
    timestamp stage_changed{};
    timestamp status_changed{};
    timestamp progress_changed{};

    // The last values that could be read: a value that is missing once is no change.
    std::optional<status> last_status;
    std::optional<double> last_percentage;

    std::optional<timestamp> abnormal_since; ///< from a read `No` until a read `Yes`
    timestamp last_alert{};                  ///< when replication_abnormal was last logged; on the even clock
    std::int64_t alerts_repeated = 0;
    bool repair_needed = false; ///< as last reported
    task_reason reason;

    std::optional<timestamp> unseen_since; ///< first poll in a row that did not see it; on the even clock
};

/// Counts of what happened; they only grow.
struct instance_counters {
    std::array<std::uint64_t, poll_result_count> polls{};
    std::uint64_t polls_skipped = 0;
    std::array<std::array<std::uint64_t, stage_count>, stage_count> transitions{}; ///< [from][to]
};

/// Everything known of an instance. The monitor writes it, the exposition reads it.
struct instance_state {
    instance_identity identity;
    std::map<std::string, task_state> tasks; ///< by task_name: ordered, so that every rendering is
    instance_counters counters;

    std::optional<std::uint64_t> task_count; ///< tasks in the last consistent poll
    std::optional<std::string> note;         ///< what the cloud says of the list (`ext_text`), as last read
    std::optional<poll_result> last_result;
    std::optional<failure> last_failure; ///< of the last poll, where it failed
    std::optional<timestamp> last_poll;  ///< when it ended
    std::optional<timestamp> last_success;
    std::optional<timestamp>
        failing_since; ///< first failed poll in a row that read nothing; on the even clock
    milliseconds last_duration{};
    std::optional<timestamp> next_poll; ///< when it is due; past: it waits for its turn, or runs
    milliseconds interval{};            ///< in force: stretched, slowed
    bool discovered = false;            ///< not configured, found
};

/// True once `since` (of the even clock, as `now`) is set and at least `stale_after` ago: the series of what
/// was last seen before go.
inline bool is_stale(const std::optional<timestamp>& since, milliseconds stale_after, timestamp now) {
    return since && now - *since >= stale_after;
}

/// Failed polls in a row, and what was said of them: enough to keep to the repeat interval and to say how
/// long it lasted. Its times are of the even clock.
struct failing_run {
    std::int64_t failures = 0; ///< 0: the last poll did not fail, and the rest means nothing
    timestamp first{};
    timestamp last_said{};
    poll_result said = poll_result::success;

    bool operator==(const failing_run&) const = default;
};

/// A task that is not in the list any more; kept for a while, since it may come back.
struct departed_task {
    task_state state;
    timestamp at{};
};
using departed_tasks = std::map<std::string, departed_task>; ///< by task_name

/// What is known of an instance from before: before the process's start, or before it was watched again.
struct instance_past {
    std::map<std::string, task_state> tasks;
    departed_tasks departed;
    failing_run failing;
    std::array<std::array<std::uint64_t, stage_count>, stage_count> transitions{};
    std::optional<timestamp> last_success;
    std::optional<std::string> note;
};

} // namespace replmond
