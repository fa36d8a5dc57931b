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

/// What is kept over a restart: values, no I/O.
namespace replmond::store {

/// Whatever the retention, since an instance is only seen at its polls, and they may be an hour apart.
inline constexpr auto instances_kept_at_least = std::chrono::hours(24);

/// Before the year 10000, and no further before 1970: no other time was ever stored.
bool is_possible_time(timestamp time);

/// An instance is the same while both are; names may change.
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

struct task_record {
    task_state state;
    std::optional<timestamp> gone_since; ///< not in the list any more; kept for when it comes back
};

struct instance_record {
    std::string project;            ///< name, for people
    std::string starrocks_instance; ///< name, for people
    timestamp last_seen{};          ///< when it was last part of the configuration or discovered
    bool discovered = false;        ///< then: it was not configured
    std::optional<timestamp> last_success;
    std::optional<std::string> note;                                               ///< `ext_text` of its list
    failing_run failing;                                                           ///< of polls
    std::array<std::array<std::uint64_t, stage_count>, stage_count> transitions{}; ///< [from][to]
};

/// An event and the ids of what it is about.
struct kept_event {
    event what;
    instance_key of; ///< both empty: of no instance

    bool operator==(const kept_event&) const = default;
};

/// Everything that is kept of one instance.
struct instance_memory {
    instance_record self;
    std::map<std::string, task_record> tasks; ///< by task_name, the gone ones among them
};

using memory = std::map<instance_key, instance_memory>;

/// What is written in one transaction.
struct batch {
    std::map<instance_key, instance_record> instances;
    std::map<task_key, std::optional<task_record>> tasks; ///< nothing: the row goes
    std::deque<kept_event> events;                        ///< with ids, ascending
    std::deque<kept_event>
        again; ///< with ids, ascending: what a file had that was lost. To store, not to print

    bool empty() const { return instances.empty() && tasks.empty() && events.empty() && again.empty(); }

    /// Takes in what came later: of states the newest counts, events append.
    void merge(batch later);
};

/// Which events to show. Empty: any.
struct event_query {
    std::optional<timestamp> since = std::nullopt;
    std::string instance = {}; ///< name or id
    std::string task = {};
    std::size_t limit = 100;
};

/// Names each column of a task beside what it holds: one list, so that writing, reading and comparing cannot
/// differ. `State` is task_state, `Time` std::optional<timestamp>, const or not.
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
