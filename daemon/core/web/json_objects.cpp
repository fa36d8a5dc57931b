// Writes the JSON objects of tasks, instances and totals, for the API and the commands.

#include "daemon/core/web/json_objects.hpp"

#include "daemon/core/model/text.hpp"
#include "daemon/core/web/log_line.hpp"

namespace replmond::web {

void json_object::key(std::string_view name) {
    if (open_)
        json_ += ',';
    open_ = true;
    append_json_string(json_, name);
    json_ += ':';
}

json_object& json_object::text(std::string_view name, std::optional<std::string_view> value) {
    if (value) {
        key(name);
        append_json_string(json_, *value);
    }
    return *this;
}

json_object& json_object::flag(std::string_view name, std::optional<bool> value) {
    return value ? number(name, *value ? "true" : "false") : *this;
}

json_object& json_object::count(std::string_view name, std::uint64_t value) {
    return number(name, std::to_string(value));
}

json_object& json_object::percentage(std::string_view name, std::optional<double> value) {
    return value ? number(name, to_shortest(*value)) : *this;
}

json_object& json_object::time(std::string_view name, std::optional<timestamp> value) {
    return value ? text(name, to_rfc3339(*value)) : *this;
}

json_object& json_object::number(std::string_view name, std::string_view value) {
    key(name);
    json_ += value;
    return *this;
}

namespace {

std::optional<timestamp> known(timestamp time) {
    return time == timestamp{} ? std::nullopt : std::optional(time);
}

template<class Word>
std::optional<std::string_view> word_of(const std::optional<Word>& value) {
    return value ? std::optional(to_string(*value)) : std::nullopt;
}

std::optional<std::string_view> not_empty(std::string_view text) {
    return text.empty() ? std::nullopt : std::optional(text);
}

void identify(json_object& object, const instance_identity& of) {
    object.text("project", of.project).text("starrocks_instance", of.name).text("instance_id", of.id);
}

void append_stages(std::string& json, const task_totals& totals) {
    json_object stages(json);
    for (const stage each : all_stages)
        stages.count(to_string(each), totals.stages[static_cast<std::size_t>(each)]);
}

void append_failure(json_object& object, const failure& why) {
    if (why.http_status != 0)
        object.number("http_status", std::to_string(why.http_status));
    object.text("error_code", not_empty(why.error_code))
        .text("error_msg", not_empty(why.error_msg))
        .text("request_id", not_empty(why.request_id));
}

// What is shown of a measurement: nothing once it is stale.
template<class T>
std::optional<T> shown(const measurement<T>& of, const metrics::render_context& context) {
    return is_stale(of.unread_since, context.stale_after, context.now) ? std::nullopt : of.value;
}

} // namespace

std::optional<milliseconds> lag_of(const instance_state& of, const std::string& task,
                                   const metrics::render_context& context) {
    if (!of.lag)
        return std::nullopt;
    const auto found = of.lag->tasks.find(task);
    return found == of.lag->tasks.end() ? std::nullopt : shown(found->second.lag, context);
}

namespace {

void append_lag(json_object& object, const instance_state& of, const std::string& task,
                const metrics::render_context& context) {
    if (!of.lag)
        return;
    const auto found = of.lag->tasks.find(task);
    if (found == of.lag->tasks.end())
        return;
    if (const auto lag = lag_of(of, task, context))
        object.number("lag", to_seconds(*lag));
    object.time("heartbeat", shown(found->second.heartbeat, context))
        .time("source_heartbeat", shown(found->second.source_heartbeat, context));
}

} // namespace

void append_totals(std::string& json, json_object& object, const task_totals& totals) {
    object.key("stages");
    append_stages(json, totals);
    object.count("abnormal", totals.abnormal)
        .count("needs_repair", totals.needs_repair)
        .count("behind", totals.behind)
        .count("no_progress", totals.no_progress)
        .count("status_unknown", totals.status_unknown)
        .count("stale", totals.stale)
        .count("lag_unknown", totals.lag_unknown)
        .count("gone", totals.gone)
        .count("wrong", totals.wrong);
}

void append_task_object(std::string& json, const instance_state& of, const task_state& task,
                        const metrics::render_context& context) {
    const task_reading& read = task.reading;
    json_object object(json);
    identify(object, of.identity);
    object.text("task", read.name)
        .text("source_database", read.source_database)
        .text("target_database", read.target_database)
        .flag("main_task", read.main_task)
        .text("status", word_of(read.status))
        .text("stage", to_string(read.stage))
        .text("stage_raw", read.stage_raw)
        .percentage("percentage", read.percentage)
        .text("catchup_stage", word_of(read.catchup_stage))
        .percentage("catchup_percentage", read.catchup_percentage)
        .flag("needs_repair", read.needs_repair)
        .text("reason", task.reason.text)
        .time("stage_changed", known(task.stage_changed))
        .time("status_changed", known(task.status_changed))
        .time("progress_changed", known(task.progress_changed))
        .time("abnormal_since", task.abnormal_since)
        .time("repair_since", task.repair_since)
        .time("unseen_since", task.unseen_since)
        .flag("stale", is_stale(task.unseen_since, context.stale_after, context.now));
    append_lag(object, of, read.name, context);
}

void append_instance_object(std::string& json, const instance_state& of, const task_totals& totals) {
    json_object object(json);
    identify(object, of.identity);
    object.text("region", not_empty(of.identity.region)).flag("discovered", of.discovered);
    // Tasks may be known from the state file before the first poll. Without any and before the first poll,
    // the number of tasks is not known.
    if (of.task_count || !of.tasks.empty()) {
        object.count("tasks", of.tasks.size());
        append_totals(json, object, totals);
    }
    object.text("result", word_of(of.last_result))
        .time("last_poll", of.last_poll)
        .time("last_success", of.last_success)
        .time("next_poll", of.next_poll)
        .number("interval", to_seconds(of.interval));
    if (of.last_result)
        object.number("duration", to_seconds(of.last_duration));
    object.text("note", of.note);
    if (of.last_failure)
        append_failure(object, *of.last_failure);
}

task_totals& task_totals::operator+=(const task_totals& other) {
    for (std::size_t i = 0; i < stage_count; ++i)
        stages[i] += other.stages[i];
    abnormal += other.abnormal;
    needs_repair += other.needs_repair;
    behind += other.behind;
    no_progress += other.no_progress;
    status_unknown += other.status_unknown;
    stale += other.stale;
    lag_unknown += other.lag_unknown;
    gone += other.gone;
    wrong += other.wrong;
    return *this;
}

task_totals add_up(const instance_state& of, const look_time& at) {
    task_totals totals;
    for (const auto& [name, task] : of.tasks) {
        ++totals.stages[static_cast<std::size_t>(task.reading.stage)];
        const condition_set found = conditions_of(of, task, at);
        const auto one_if = [&found](condition value) { return found.contains(value) ? 1U : 0U; };
        totals.abnormal += one_if(condition::abnormal);
        totals.needs_repair += one_if(condition::needs_repair);
        totals.behind += one_if(condition::behind);
        totals.no_progress += one_if(condition::no_progress);
        totals.status_unknown += one_if(condition::status_unknown);
        totals.stale += one_if(condition::outdated);
        totals.lag_unknown += one_if(condition::lag_unknown);
        totals.wrong += found.empty() ? 0U : 1U;
    }
    for (const auto& [name, task] : of.departed) {
        const std::size_t gone = is_gone(task, at) ? 1U : 0U;
        totals.gone += gone;
        totals.wrong += gone;
    }
    return totals;
}

} // namespace replmond::web
