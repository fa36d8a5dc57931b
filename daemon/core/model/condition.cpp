// What is wrong with a task, and since when: the rules that the status page, the API and the commands share.

#include "daemon/core/model/condition.hpp"

#include <algorithm>
#include <iterator>

namespace replmond {

namespace {

std::optional<timestamp> known(timestamp time) {
    return time == timestamp{} ? std::nullopt : std::optional(time);
}

// A moment of the even clock on the wall clock.
timestamp on_the_wall(timestamp even, const instant& now) {
    return now.wall - (now.even - even);
}

// When the task was last read: nothing is known of it since then, so that time does not count.
timestamp last_read(const task_state& task, const instant& now) {
    return task.unseen_since ? on_the_wall(*task.unseen_since, now) : now.wall;
}

// A state that lasts, from when on it counts as no progress.
struct lasting_state {
    std::optional<timestamp> since;
    milliseconds longest{};
};

std::optional<lasting_state> lasting_state_of(const task_state& task) {
    switch (task.reading.stage) {
    case stage::full:
        if (task.reading.percentage)
            return lasting_state{known(task.progress_changed), longest_full_without_progress};
        return std::nullopt;
    case stage::wait:
        return lasting_state{known(task.stage_changed), longest_wait};
    case stage::paused:
        return lasting_state{known(task.stage_changed), longest_pause};
    default:
        return std::nullopt;
    }
}

// An abnormal task moves as little as it can: that is no news.
bool has_no_progress(const task_state& task, const instant& now) {
    const auto lasting = lasting_state_of(task);
    return task.reading.status != status::no && lasting && lasting->since &&
           last_read(task, now) - *lasting->since > lasting->longest;
}

bool is_behind(const task_state& task, const task_lag* lag, const look_time& at) {
    return lag != nullptr && lag->above_since && task.reading.stage == stage::incremental &&
           task.reading.status == status::yes &&
           !is_stale(lag->lag.unread_since, at.stale_after, at.now.even);
}

bool is_lag_unknown(const task_state& task, const task_lag* lag, const look_time& at) {
    return lag != nullptr && lag->lag.value && task.reading.stage == stage::incremental &&
           is_stale(lag->lag.unread_since, at.stale_after, at.now.even);
}

} // namespace

std::string_view to_string(condition value) {
    static constexpr std::array<std::string_view, all_conditions.size()> words = {
        "abnormal", "gone",           "needs repair", "behind",     "no progress",
        "outdated", "status unknown", "cancelled",    "lag unknown"};
    return words[static_cast<std::size_t>(value)];
}

std::optional<condition> condition_set::worst() const {
    const auto found = std::find_if(all_conditions.begin(), all_conditions.end(),
                                    [this](condition each) { return contains(each); });
    return found == all_conditions.end() ? std::nullopt : std::optional(*found);
}

condition_set conditions_of(const task_state& task, const task_lag* lag, const look_time& at) {
    condition_set found;
    const auto put = [&found](condition value, bool holds) {
        if (holds)
            found.insert(value);
    };
    put(condition::abnormal, task.reading.status == status::no);
    put(condition::needs_repair, task.reading.needs_repair == true);
    put(condition::behind, is_behind(task, lag, at));
    put(condition::no_progress, has_no_progress(task, at.now));
    put(condition::cancelled, task.reading.stage == stage::cancelled);
    put(condition::status_unknown, !task.reading.status);
    put(condition::outdated, is_stale(task.unseen_since, at.stale_after, at.now.even));
    put(condition::lag_unknown, is_lag_unknown(task, lag, at));
    return found;
}

condition_set conditions_of(const instance_state& of, const task_state& task, const look_time& at) {
    return conditions_of(task, find_lag(of, task.reading.name), at);
}

std::optional<milliseconds> conditions_hold_for(const task_state& task, const task_lag* lag,
                                                const look_time& at) {
    std::optional<milliseconds> least;
    const auto until = [&least](milliseconds left) {
        if (left > milliseconds(0))
            least = std::min(least.value_or(left), left);
    };
    if (task.unseen_since)
        until(*task.unseen_since + at.stale_after - at.now.even);
    if (const auto lasting = lasting_state_of(task); lasting && lasting->since && !task.unseen_since)
        until(*lasting->since + lasting->longest - at.now.wall + milliseconds(1));
    if (lag != nullptr && lag->lag.unread_since)
        until(*lag->lag.unread_since + at.stale_after - at.now.even);
    return least;
}

bool is_gone(const departed_task& task, const look_time& at) {
    return task.state.reading.counts_as_main() && at.now.wall - task.at <= departed_kept;
}

std::optional<timestamp> since_when(condition value, const task_state& task, const task_lag* lag,
                                    const look_time& at) {
    const auto wall = [&at](const std::optional<timestamp>& even) {
        return even ? std::optional(on_the_wall(*even, at.now)) : std::nullopt;
    };
    switch (value) {
    case condition::abnormal:
        return task.abnormal_since ? task.abnormal_since : known(task.status_changed);
    case condition::needs_repair:
        return task.repair_since;
    case condition::behind:
        return lag == nullptr ? std::nullopt : wall(lag->above_since);
    case condition::no_progress:
        if (const auto lasting = lasting_state_of(task))
            return lasting->since;
        break;
    case condition::cancelled:
        return known(task.stage_changed);
    case condition::outdated:
        return wall(task.unseen_since);
    case condition::lag_unknown:
        return lag == nullptr ? std::nullopt : wall(lag->lag.unread_since);
    case condition::gone:           // known of departed tasks only
    case condition::status_unknown: // the last change is that of the last status that was known
        break;
    }
    return std::nullopt;
}

std::optional<condition> worst_of_its_own(const condition_set& found) {
    const auto worst = found.worst();
    if (!worst || *worst == condition::outdated || *worst == condition::lag_unknown)
        return std::nullopt;
    return worst;
}

std::optional<timestamp> in_state_since(const task_state& task) {
    return known(std::max(task.stage_changed, task.status_changed));
}

const task_lag* find_lag(const instance_state& of, std::string_view task) {
    if (!of.lag)
        return nullptr;
    const auto found = of.lag->tasks.find(std::string(task));
    return found == of.lag->tasks.end() ? nullptr : &found->second;
}

task_severity severity_of(const task_reading& of, const condition_set& conditions) {
    task_circumstances besides;
    besides.lag_exceeded = conditions.contains(condition::behind);
    besides.no_progress = conditions.contains(condition::no_progress);
    besides.stale = conditions.contains(condition::outdated);
    return severity_of(of, besides);
}

} // namespace replmond
