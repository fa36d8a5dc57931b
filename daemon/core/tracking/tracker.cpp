// Compares the known state with a new reading and makes the events: changes, and alerts that are repeated
// with time. The last step of a poll before its result is stored and exported.

#include "daemon/core/tracking/tracker.hpp"

#include "daemon/core/tracking/failure_reporter.hpp"
#include "daemon/core/tracking/task_events.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

namespace replmond::tracking {

namespace {

void clamp(timestamp& time, timestamp now) {
    time = std::min(time, now);
}

void clamp(std::optional<timestamp>& time, timestamp now) {
    if (time)
        clamp(*time, now);
}

} // namespace

void clamp_to_now(task_state& task, instant now) {
    clamp(task.appeared, now.wall);
    clamp(task.stage_changed, now.wall);
    clamp(task.status_changed, now.wall);
    clamp(task.progress_changed, now.wall);
    clamp(task.abnormal_since, now.wall);
    clamp(task.repair_since, now.wall);
    clamp(task.last_alert, now.even);
    clamp(task.reason.round, now.even);
    clamp(task.unseen_since, now.even);
}

void clamp_to_now(departed_tasks& departed, instant now) {
    for (auto& [name, task] : departed) {
        clamp_to_now(task.state, now);
        clamp(task.at, now.wall);
    }
}

void clamp_to_now(instance_past& past, instant now) {
    for (auto& [name, task] : past.tasks)
        clamp_to_now(task, now);
    clamp_to_now(past.departed, now);
    clamp(past.last_success, now.wall);
    clamp(past.failing.first, now.even);
    clamp(past.failing.last_logged, now.even);
}

namespace {

// The contract, Log events: a task that comes back under its name within an hour goes on where it was.
constexpr auto comeback_window = std::chrono::hours(1);
// Bounds the memory where every poll shows other names.
constexpr std::size_t remembered_departures = max_records;
// How many unexpected values are remembered: at most 64 a task and about 20,000 an instance. Where many tasks
// have such values, each gets an equal share, but at least one.
constexpr std::size_t remembered_values = 64;
constexpr std::size_t remembered_values_in_all = 20'000;

// Compares the known state of one task with its new reading: updates the state and adds the events.
struct comparison {
    instance_state& state;
    task_state& task;
    const task_reading& seen;
    instant now;
    milliseconds repeat_interval;
    std::vector<event>& events;

    void stages() {
        if (task.reading.stage != seen.stage) {
            events.push_back(stage_transition(state.identity, task, seen, now.wall));
            ++state.counters.transitions[static_cast<std::size_t>(task.reading.stage)]
                                        [static_cast<std::size_t>(seen.stage)];
            task.stage_changed = now.wall;
        }
        if (task.reading.catchup_stage != seen.catchup_stage)
            events.push_back(catchup_stage_transition(state.identity, task.reading, seen, now.wall));
    }

    void progress() {
        if (seen.percentage && task.last_percentage != seen.percentage) {
            task.progress_changed = now.wall;
            task.last_percentage = seen.percentage;
        }
    }

    void health() {
        if (seen.status && task.last_status != seen.status) {
            task.status_changed = now.wall;
            task.last_status = seen.status;
        }
        if (seen.status == status::no && !task.abnormal_since)
            begin_alert();
        else if (seen.status == status::yes && task.abnormal_since)
            end_alert();
        else if (task.abnormal_since &&
                 repeat_is_due(task.last_alert, now.even, repeat_interval, state.interval))
            repeat_alert();
    }

    void begin_alert() {
        task.abnormal_since = now.wall;
        task.alerts_repeated = 0;
        task.last_alert = now.even;
        task.reason = {}; // the known text says why the task needs repair, not why it is abnormal
        events.push_back(replication_abnormal(state.identity, task, seen, now.wall));
    }

    void repeat_alert() {
        ++task.alerts_repeated;
        task.last_alert = now.even;
        events.push_back(replication_abnormal(state.identity, task, seen, now.wall));
    }

    void end_alert() {
        events.push_back(replication_recovered(state.identity, seen.name, *task.abnormal_since, now.wall));
        task.abnormal_since.reset();
    }

    void repair() {
        if (!seen.needs_repair || *seen.needs_repair == task.repair_needed)
            return;
        task.repair_needed = *seen.needs_repair;
        task.repair_since = task.repair_needed ? std::optional(now.wall) : std::nullopt;
        if (task.repair_needed && !task.abnormal_since)
            task.reason = {};
        else if (task.repair_needed)
            task.reason.round.reset(); // the text may have changed: it is asked for again
        events.push_back(task.repair_needed ? repair_needed(state.identity, task, now.wall)
                                            : repair_done(state.identity, task, now.wall));
    }
};

task_state first_sight(const task_reading& seen, timestamp now) {
    task_state fresh;
    fresh.reading = seen;
    fresh.appeared = now;
    fresh.stage_changed = fresh.status_changed = fresh.progress_changed = now;
    return fresh;
}

// A name that is not reported is no difference.
bool same_database(const std::optional<std::string>& before, const std::optional<std::string>& now) {
    return !before || !now || *before == *now;
}

bool same_databases(const task_reading& before, const task_reading& now) {
    return same_database(before.source_database, now.source_database) &&
           same_database(before.target_database, now.target_database);
}

// True if the task has gone back in the order wait < full < incremental: then it was rebuilt. A task that is
// paused, cancelled or unknown now has not gone back. A task that was one of these before may have reached
// `incremental`, so it counts as such: all three come after it in `stage`.
bool went_backwards(stage before, stage now) {
    return now < std::min(before, stage::incremental);
}

void age(task_state& task, timestamp even_now) {
    if (!task.unseen_since)
        task.unseen_since = even_now;
}

} // namespace

std::vector<event> tracker::observe(instance_state& state, reading seen, instant now) {
    all_well_ = false;
    std::vector<event> events;
    for (const unexpected_value& value : seen.unexpected) {
        if (is_new(value))
            events.push_back(unexpected_value_seen(state.identity, value, now.wall));
    }
    if (seen.distrusted_total) {
        const unexpected_value total{"", "total_count", std::to_string(*seen.distrusted_total)};
        events.push_back(unexpected_value_seen(state.identity, total, now.wall));
    }
    if (state.note != seen.note)
        events.push_back(instance_note(state.identity, seen.note, now.wall));
    state.note = std::move(seen.note);
    if (seen.consistent)
        state.task_count = seen.tasks.size();

    for (auto& [name, task] : state.tasks) {
        if (!seen.tasks.contains(name))
            age(task, now.even);
    }
    for (auto& [name, task] : seen.tasks)
        take_in(state, task, now, events);
    for (const std::string& name : seen.gone)
        departure(state, name, now.wall, events);
    forget(state, now.wall);
    return events;
}

void tracker::take_in(instance_state& state, task_reading& task, instant now, std::vector<event>& events) {
    auto known = state.tasks.find(task.name);
    if (known == state.tasks.end()) {
        known = state.tasks.emplace(task.name, arrival(state, task, now.wall, events)).first;
    } else if (!same_databases(known->second.reading, task)) {
        events.push_back(task_replaced(state.identity, known->second, task, now.wall));
        known->second = first_sight(task, now.wall);
    }
    comparison step{state, known->second, task, now, repeat_interval_, events};
    step.stages();
    step.progress();
    step.health();
    step.repair();
    known->second.unseen_since.reset();
    known->second.reading = std::move(task);
}

tracker::unchanged_outcome tracker::observe_unchanged(instance_state& state, instant now) {
    unchanged_outcome outcome;
    if (!all_well_)
        repeat_alerts(state, now, outcome.events);
    const bool forgotten = forget(state, now.wall);
    outcome.changed = forgotten || !outcome.events.empty();
    outcome.all_well = all_well_;
    return outcome;
}

void tracker::repeat_alerts(instance_state& state, instant now, std::vector<event>& events) {
    all_well_ = true;
    for (auto& [name, task] : state.tasks) {
        all_well_ = all_well_ && !task.abnormal_since && !task.repair_needed;
        if (task.abnormal_since) {
            comparison step{state, task, task.reading, now, repeat_interval_, events};
            step.health();
        }
    }
}

void tracker::miss(instance_state& state, timestamp even_now) {
    for (auto& [name, task] : state.tasks)
        age(task, even_now);
}

void tracker::clock_set_back(instance_state& state, instant now) {
    for (auto& [name, task] : state.tasks)
        clamp_to_now(task, now);
    clamp_to_now(state.departed, now);
    if (state.last_success)
        state.last_success = std::min(*state.last_success, now.wall);
}

// The state that the first reading of a task is compared with. For a task that comes back within an hour,
// with the same databases and not in an earlier stage, the state that it had; for any other task the reading
// itself.
task_state tracker::arrival(instance_state& state, const task_reading& seen, timestamp now,
                            std::vector<event>& events) {
    events.push_back(task_discovered(state.identity, seen, now));
    const auto left = state.departed.find(seen.name);
    if (left != state.departed.end()) {
        departed_task before = std::move(left->second);
        state.departed.erase(left);
        const task_reading& last = before.state.reading;
        if (now - before.at <= comeback_window && same_databases(last, seen) &&
            !went_backwards(last.stage, seen.stage))
            return std::move(before.state);
    }
    return first_sight(seen, now);
}

void tracker::departure(instance_state& state, const std::string& name, timestamp now,
                        std::vector<event>& events) {
    const auto task = state.tasks.find(name);
    if (task == state.tasks.end())
        return;
    events.push_back(task_gone(state.identity, task->second.reading, now));
    if (state.departed.size() < remembered_departures)
        state.departed.insert_or_assign(name, departed_task{std::move(task->second), now});
    state.tasks.erase(task);
}

// Forgets departed tasks after `departed_kept`, and the logged values of tasks that are not known any more.
// True if a departed task was forgotten.
bool tracker::forget(instance_state& state, timestamp now) {
    const auto forgotten = std::erase_if(
        state.departed, [&](const auto& entry) { return now - entry.second.at > departed_kept; });
    std::erase_if(unexpected_seen_, [&](const auto& entry) {
        const std::string& task = entry.first;
        return !task.empty() && !state.tasks.contains(task) && !state.departed.contains(task);
    });
    return forgotten > 0;
}

// True the first time that a task has this value in this field. If a task or an instance has too many
// different values, the further ones are not logged, but still counted in replmond_unexpected_values_total.
bool tracker::is_new(const unexpected_value& value) {
    std::set<std::string>& logged = unexpected_seen_[value.task];
    const std::size_t fair = std::max<std::size_t>(remembered_values_in_all / unexpected_seen_.size(), 1);
    if (logged.size() >= std::min(remembered_values, fair))
        return false;
    return logged.insert(value.field + '=' + value.value).second;
}

} // namespace replmond::tracking
