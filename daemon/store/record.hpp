#pragma once

#include "daemon/core/model/event.hpp"
#include "daemon/core/model/instance.hpp"

#include <array>
#include <chrono>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

/// What is kept over a restart. Values only, no I/O.
namespace replmond::store {

/// A lower bound, whatever the retention: last_seen is updated at polls only, and they may be an hour apart.
inline constexpr auto instances_kept_at_least = std::chrono::hours(24);

/// Whether `time` is before the year 10000 and as close to 1970 in the past. replmond stores no other time.
bool is_possible_time(timestamp time);

/// Identifies an instance: it is the same while both ids are; names may change (the contract, "Words").
struct instance_key {
    std::string project_id; ///< empty while the credential has not revealed it
    std::string instance_id;

    auto operator<=>(const instance_key&) const = default;
};

struct task_key {
    instance_key instance;
    std::string task; ///< task_name

    auto operator<=>(const task_key&) const = default;
};

/// What is stored of one task.
struct task_record {
    task_state state;
    std::optional<timestamp> gone_since; ///< set: not in the list any more, kept because it may come back
};

/// What is stored of one instance, apart from its tasks.
struct instance_record {
    std::string project;            ///< the project's name, for people
    std::string starrocks_instance; ///< the instance's name, for people
    timestamp last_seen{};          ///< when it was last configured or discovered
    bool discovered = false;        ///< at last_seen it was discovered, not configured
    std::optional<timestamp> last_success;
    std::optional<std::string> note;                                               ///< `ext_text` of its list
    failing_run failing;                                                           ///< of polls
    std::array<std::array<std::uint64_t, stage_count>, stage_count> transitions{}; ///< [from][to]
};

/// An event and the ids of the instance that it is about.
struct kept_event {
    event what;
    instance_key of; ///< both ids empty: about no instance

    bool operator==(const kept_event&) const = default;
};

/// Everything that is stored of one instance.
struct instance_memory {
    instance_record self;
    std::map<std::string, task_record> tasks; ///< by task_name, including gone ones
};

using memory = std::map<instance_key, instance_memory>;

/// What is written in one transaction.
struct batch {
    std::map<instance_key, instance_record> instances;
    std::map<task_key, std::optional<task_record>> tasks; ///< nothing: the row is removed
    std::deque<kept_event> events;                        ///< with ids, ascending
    std::deque<kept_event>
        again; ///< with ids, ascending: events of a lost file. To store again, not to print

    bool empty() const { return instances.empty() && tasks.empty() && events.empty() && again.empty(); }

    /// Adds a later batch: the newest of each state is kept, events are appended.
    void merge(batch later);
};

/// Which events to show. An empty member matches all.
struct event_query {
    std::optional<timestamp> since = std::nullopt;
    std::string instance = {}; ///< the instance's name or id
    std::string task = {};
    severity least = severity::debug;    ///< this level or a higher one
    std::vector<std::string> names = {}; ///< one of these events
    std::size_t limit = 100;
};

/// Calls `visit` with the name and value of each column of a task. There is only this one list, so that
/// writing, reading and comparing cannot differ. `State` is task_state, `Time` std::optional<timestamp>, both
/// const or not.
template<class State, class Time, class Visit>
void each_column(State& state, Time& gone_since, Visit&& visit) {
    auto& reading = state.reading;
    visit("source_database", reading.source_database);
    visit("target_database", reading.target_database);
    visit("status", reading.status);
    visit("stage", reading.stage);
    visit("stage_raw", reading.stage_raw);
    visit("percentage", reading.percentage);
    visit("catchup_stage", reading.catchup_stage);
    visit("catchup_stage_raw", reading.catchup_stage_raw);
    visit("catchup_percentage", reading.catchup_percentage);
    visit("needs_repair", reading.needs_repair);
    visit("main_task", reading.main_task);
    visit("appeared", state.appeared);
    visit("stage_changed", state.stage_changed);
    visit("status_changed", state.status_changed);
    visit("progress_changed", state.progress_changed);
    visit("last_status", state.last_status);
    visit("last_percentage", state.last_percentage);
    visit("abnormal_since", state.abnormal_since);
    visit("last_alert", state.last_alert);
    visit("alerts_repeated", state.alerts_repeated);
    visit("repair_needed", state.repair_needed);
    visit("repair_since", state.repair_since);
    visit("reason", state.reason.text);
    visit("reason_round", state.reason.round);
    visit("reason_asked", state.reason.asked);
    visit("reason_answered", state.reason.answered);
    visit("unseen_since", state.unseen_since);
    visit("gone_since", gone_since);
}

/// A moment as the file has it: milliseconds since 1970 (UTC).
inline std::int64_t to_number(timestamp time) {
    return time.time_since_epoch().count();
}

} // namespace replmond::store
