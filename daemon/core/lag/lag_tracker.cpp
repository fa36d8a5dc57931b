// Turns what was read from the databases into lag, and decides what is logged about it.

#include "daemon/core/lag/lag_tracker.hpp"

#include "daemon/core/lag/heartbeat.hpp"
#include "daemon/core/model/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <set>

namespace replmond::lag {

namespace {

constexpr std::size_t longest_shown_value = 64;

struct heartbeat_outcome {
    std::optional<timestamp> moment;
    std::optional<lag_failure> failure;
    timestamp read_at{};
};

lag_failure no_heartbeat(std::string_view value) {
    return {lag_result::protocol, fmt::format("the column holds no heartbeat: \"{}\"",
                                              cut_between_characters(value, longest_shown_value))};
}

heartbeat_outcome outcome_of(const table_answer& answer) {
    if (answer.failure)
        return {std::nullopt, answer.failure, answer.read_at};
    const auto moment = parse_heartbeat(*answer.value, answer.read_at);
    if (!moment)
        return {std::nullopt, no_heartbeat(*answer.value), answer.read_at};
    return {moment, std::nullopt, answer.read_at};
}

// Failures that concern a whole database are counted once for it, and not for each task.
bool concerns_the_database(lag_result result) {
    return result == lag_result::auth || result == lag_result::network || result == lag_result::tls ||
           result == lag_result::timeout;
}

decimal seconds(milliseconds duration) {
    return {to_seconds(duration)};
}

} // namespace

// What take_in() was given, and what it makes of it.
struct lag_tracker::round {
    instance_state& of;
    const config::lag_settings& settings;
    milliseconds repeat_interval;
    instant now;
    std::map<std::string, heartbeat_outcome> starrocks; ///< by table
    std::map<std::string, heartbeat_outcome> source;
    bool starrocks_failed = false; ///< as a whole
    bool source_failed = false;
    std::vector<event> events;
    std::set<key> noted;

    void count(lag_result result) { ++of.lag->reads[static_cast<std::size_t>(result)]; }

    event begin(event_name name, severity level, const char* text, const std::string& task) const {
        return make_event(name, level, now.wall, text, of.identity.project, of.identity.name, task);
    }
};

std::vector<event> lag_tracker::take_in(instance_state& of, const config::lag_settings& settings,
                                        const read_plan& plan, const lag_reading& reading,
                                        milliseconds repeat_interval, instant now) {
    if (!of.lag)
        of.lag.emplace();
    round in{of, settings, repeat_interval, now, {}, {}, false, false, {}, {}};
    take_database(in, subject::starrocks, subject::starrocks_table, reading.starrocks, plan.tables);
    if (settings.source)
        take_database(in, subject::source, subject::source_table, reading.source, plan.source_tables);
    for (std::size_t i = 0; i < reading.write_failures.size() && i < plan.source_tables.size(); ++i)
        note(in, {subject::write, to_string(plan.source_tables[i]), ""}, reading.write_failures[i]);
    for (const planned_task& task : plan.tasks)
        take_task(in, task);
    std::erase_if(of.lag->tasks, [&](const auto& known) { return !of.tasks.contains(known.first); });
    forget_others(in);
    return std::move(in.events);
}

void lag_tracker::take_database(round& in, subject whole, subject table, const database_reading& reading,
                                const std::vector<config::table_name>& tables) {
    const bool is_source = whole == subject::source;
    auto& outcomes = is_source ? in.source : in.starrocks;
    (is_source ? in.source_failed : in.starrocks_failed) = reading.failure.has_value();
    if (reading.failure && concerns_the_database(reading.failure->result))
        in.count(reading.failure->result);
    note(in, {whole, "", ""}, reading.failure);
    for (std::size_t i = 0; i < reading.answers.size() && i < tables.size(); ++i) {
        const std::string name = to_string(tables[i]);
        heartbeat_outcome outcome = outcome_of(reading.answers[i]);
        note(in, {table, name, ""}, outcome.failure);
        outcomes.emplace(name, std::move(outcome));
    }
}

void lag_tracker::take_task(round& in, const planned_task& task) {
    task_lag& lag = in.of.lag->tasks[task.task];
    const auto find = [](const auto& outcomes, const auto& table) {
        const auto found = table ? outcomes.find(to_string(*table)) : outcomes.end();
        return found == outcomes.end() ? nullptr : &found->second;
    };
    const heartbeat_outcome* here = find(in.starrocks, task.table);
    const heartbeat_outcome* there = find(in.source, task.source);
    const timestamp even = in.now.even;
    const bool has_source = in.settings.source.has_value();

    const bool is_read = here != nullptr && here->moment;
    const bool source_is_read = there != nullptr && there->moment;
    if (is_read)
        lag.heartbeat.read(*here->moment);
    else
        lag.heartbeat.failed(even);
    if (source_is_read)
        lag.source_heartbeat.read(*there->moment);
    else
        lag.source_heartbeat.failed(even);
    if (is_read && (!has_source || source_is_read)) {
        lag.lag.read((has_source ? *there->moment : here->read_at) - *here->moment);
        in.count(lag_result::success);
        in.of.lag->last_success = in.now.wall;
        judge(in, task.task, lag);
        return;
    }
    lag.lag.failed(even);
    if (!task.table || (has_source && !task.source)) {
        const subject what = task.table ? subject::source_table : subject::starrocks_table;
        note(in, {what, "", task.task},
             lag_failure{lag_result::query,
                         "the task has no single database of its own; name its table under lag.tasks"});
        in.count(lag_result::query);
    } else if (here != nullptr && here->failure) {
        in.count(here->failure->result);
    } else if (there != nullptr && there->failure) {
        in.count(there->failure->result);
    } else if (!in.starrocks_failed && !in.source_failed) {
        in.count(lag_result::protocol);
    }
}

void lag_tracker::judge(round& in, const std::string& task, task_lag& lag) {
    const auto found = in.of.tasks.find(task);
    const bool is_incremental =
        found != in.of.tasks.end() && found->second.reading.stage == stage::incremental;
    const timestamp even = in.now.even;
    const milliseconds above = in.settings.alert_above.value_or(default_lag_limit);
    const auto tell = [&](event_name name, severity level, const char* text) -> event& {
        return in.events.emplace_back(in.begin(name, level, text, task))
            .with("lag", seconds(*lag.lag.value))
            .with("alert_above", seconds(above));
    };
    if (!in.settings.alert_above) // a reload may give one while the lag is above the default limit
        lag.end_alert();
    if (!is_incremental) { // an alert ends, or is repeated, when the task is incremental again
        lag.above_since.reset();
        return;
    }
    if (*lag.lag.value <= above) {
        if (lag.last_alert)
            tell("lag_recovered", severity::info, "StarRocks has caught up with TaurusDB")
                .with("after", seconds(even - *lag.alert_since));
        lag.above_since.reset();
        lag.end_alert();
        return;
    }
    if (!lag.above_since)
        lag.above_since = even;
    if (!in.settings.alert_above || (lag.last_alert && even - *lag.last_alert < in.repeat_interval))
        return;
    if (!lag.alert_since)
        lag.alert_since = lag.above_since;
    lag.last_alert = even;
    tell("lag_exceeded", severity::warn, "StarRocks is behind TaurusDB");
}

// Forgets what is not read any more: tables of tasks that are gone, or that have another table now.
void lag_tracker::forget_others(const round& in) {
    std::erase_if(failing_, [&](const auto& known) {
        const bool is_source =
            known.first.what != subject::starrocks && known.first.what != subject::starrocks_table;
        const bool is_unread = is_source ? in.source_failed : in.starrocks_failed;
        return !is_unread && !in.noted.contains(known.first);
    });
}

void lag_tracker::note(round& in, const key& what, const std::optional<lag_failure>& why) {
    in.noted.insert(what);
    const auto known = failing_.find(what);
    const auto tell = [&](event_name name, severity level, const char* text) -> event& {
        event& told = in.events.emplace_back(in.begin(name, level, text, what.task));
        if (!what.table.empty())
            told.with("table", what.table);
        return told;
    };
    if (!why) {
        if (known == failing_.end())
            return;
        tell("lag_read_again", severity::info,
             what.what == subject::write ? "the heartbeat can be written again"
                                         : "the heartbeat can be read again")
            .with("result", to_string(known->second.result))
            .with("after", seconds(in.now.even - known->second.since));
        failing_.erase(known);
        return;
    }
    if (known != failing_.end() && known->second.result == why->result)
        return;
    const bool is_source = what.what != subject::starrocks && what.what != subject::starrocks_table;
    const char* text = what.what == subject::write ? "the heartbeat in TaurusDB cannot be written"
                       : is_source                 ? "the heartbeat in TaurusDB cannot be read"
                                                   : "the heartbeat in StarRocks cannot be read";
    tell("lag_failed", severity::warn, text)
        .with("result", to_string(why->result))
        .with("error_msg", why->error_msg);
    if (known == failing_.end())
        failing_.emplace(what, failing{why->result, in.now.even});
    else
        known->second.result = why->result;
}

} // namespace replmond::lag
