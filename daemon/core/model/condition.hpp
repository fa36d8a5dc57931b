#pragma once

#include "daemon/core/model/instance.hpp"
#include "daemon/core/model/task.hpp"
#include "daemon/core/model/task_severity.hpp"
#include "daemon/core/model/time.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace replmond {

/// What can be wrong with a task, the worst first. The limits are those of dashboards/alerts.yaml, so that
/// pages, commands and alerts agree.
enum class condition {
    abnormal,       ///< status `No`
    gone,           ///< a main task that is not in the list any more, for `departed_kept`
    needs_repair,   ///< tables need repair
    behind,         ///< incremental, and its lag is above `lag.alert_above`, or default_lag_limit
    no_progress,    ///< not abnormal, but in its stage, or at its percentage, for too long: see below
    outdated,       ///< it was not read for `poll.stale_after`
    status_unknown, ///< the cloud reports no status, or one that is not known
    cancelled,      ///< cancelled, but still listed
    lag_unknown     ///< its lag was measured, and was not read for `poll.stale_after`
};

inline constexpr std::array all_conditions = {
    condition::abnormal,       condition::gone,        condition::needs_repair,
    condition::behind,         condition::no_progress, condition::outdated,
    condition::status_unknown, condition::cancelled,   condition::lag_unknown};

/// For users: `abnormal`, `gone`, `needs repair`, `behind`, `no progress`, `outdated`, `status unknown`,
/// `cancelled`, `lag unknown`.
std::string_view to_string(condition value);

/// no_progress: in stage full with the same percentage, in stage wait, and in stage paused for longer than
/// these.
inline constexpr milliseconds longest_full_without_progress = std::chrono::minutes(30);
inline constexpr milliseconds longest_wait = std::chrono::hours(1);
inline constexpr milliseconds longest_pause = std::chrono::hours(24);

class condition_set {
public:
    void insert(condition value) { bits_ |= bit(value); }
    bool contains(condition value) const { return (bits_ & bit(value)) != 0; }
    bool empty() const { return bits_ == 0; }
    std::optional<condition> worst() const;

    bool operator==(const condition_set&) const = default;

private:
    static std::uint16_t bit(condition value) {
        return static_cast<std::uint16_t>(1U << static_cast<unsigned>(value));
    }
    std::uint16_t bits_ = 0;
};

/// When the conditions of a task are looked at.
struct look_time {
    instant now;
    milliseconds stale_after{}; ///< `poll.stale_after`
};

/// The conditions of a listed task. `lag`: null if it is not measured. A time that is not known (the epoch)
/// is not long ago.
condition_set conditions_of(const task_state& task, const task_lag* lag, const look_time& at);

/// The same, with the lag that the instance has for this task.
condition_set conditions_of(const instance_state& of, const task_state& task, const look_time& at);

/// After this time, counted from `at.now`, conditions_of() may give something else though the state is the
/// same. Nothing: it depends on no time.
std::optional<milliseconds> conditions_hold_for(const task_state& task, const task_lag* lag,
                                                const look_time& at);

/// Whether this departed task counts as gone: a main task, gone for at most `departed_kept`.
bool is_gone(const departed_task& task, const look_time& at);

/// Since when a listed task has a condition that it has; by the wall clock. Nothing: it is not known.
std::optional<timestamp> since_when(condition value, const task_state& task, const task_lag* lag,
                                    const look_time& at);

/// The worst condition that says more than that the task, or its lag, was not read.
std::optional<condition> worst_of_its_own(const condition_set& found);

/// Since when a listed task is in its present state: the last change of its stage or its status. Nothing: it
/// is not known.
std::optional<timestamp> in_state_since(const task_state& task);

/// The lag that the instance has for this task; null: none was read.
const task_lag* find_lag(const instance_state& of, std::string_view task);

/// How much a task with these conditions needs a look.
task_severity severity_of(const task_reading& of, const condition_set& conditions);

} // namespace replmond
