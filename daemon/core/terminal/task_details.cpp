// Makes the output of `replmond task show`, as lines and as JSON.

#include "daemon/core/terminal/task_details.hpp"

#include "daemon/core/terminal/task_table.hpp"
#include "daemon/core/terminal/text.hpp"
#include "daemon/core/web/json_objects.hpp"

#include <cstddef>
#include <utility>
#include <vector>

namespace replmond::terminal {

namespace {

class lines {
public:
    void add(const char* key, std::string value) { all_.emplace_back(key, std::move(value)); }
    void add(const char* key, const std::optional<std::string>& value) {
        if (value)
            add(key, shown(*value));
    }
    void add(const char* key, const std::optional<bool>& value) {
        if (value)
            add(key, std::string(*value ? "yes" : "no"));
    }

    std::string text() const {
        std::size_t widest = 0;
        for (const auto& [key, value] : all_)
            widest = std::max(widest, std::string_view(key).size());
        std::string text;
        for (const auto& [key, value] : all_)
            text += padded(std::string(key) + ':', widest + 2) + value + '\n';
        return text;
    }

private:
    std::vector<std::pair<const char*, std::string>> all_;
};

// "1 failed, 2 success": "success" comes last.
std::optional<std::string> counts_words(const cloud::check_counts& counts) {
    std::string bad;
    std::string good;
    for (const auto& [word, count] : counts) {
        std::string& to = word == "success" ? good : bad;
        to += (to.empty() ? "" : ", ") + std::to_string(count) + ' ' + word;
    }
    if (counts.empty())
        return std::nullopt;
    return bad + (bad.empty() || good.empty() ? "" : ", ") + good;
}

void add_listed(lines& to, const task_reading& task) {
    to.add("status", status_words(task));
    to.add("stage", stage_words(task.stage, task.stage_raw));
    to.add("progress", percentage_words(task.percentage));
    to.add("catch-up", catchup_words(task));
    to.add("needs repair", task.needs_repair);
    to.add("main task", task.main_task);
}

void add_lag(lines& to, const task_lag& lag) {
    to.add("lag", lag_words(lag.lag.value));
    if (lag.heartbeat.value)
        to.add("heartbeat", to_rfc3339(*lag.heartbeat.value));
    if (lag.source_heartbeat.value)
        to.add("source heartbeat", to_rfc3339(*lag.source_heartbeat.value));
}

void add_details(lines& to, const cloud::task_details& details) {
    to.add("source instance", details.source_instance_id);
    to.add("source node", details.source_node_id);
    to.add("scope", details.scope);
    to.add("whole instance", details.instance_level);
    to.add("tables change", details.tables_change);
    to.add("table checks", counts_words(details.tables));
    to.add("parameter checks", counts_words(details.parameters));
    to.add("error", details.errors.error_msg);
    to.add("last table error", details.errors.last_error_of_alter_table);
}

const std::optional<std::string>& first_of(const std::optional<std::string>& a,
                                           const std::optional<std::string>& b) {
    return a ? a : b;
}

void append_counts(std::string& json, web::json_object& to, const char* name,
                   const cloud::check_counts& counts) {
    if (counts.empty())
        return;
    to.key(name);
    web::json_object object(json);
    for (const auto& [word, count] : counts)
        object.count(word, count);
}

void append_details(std::string& json, const cloud::task_details& details) {
    web::json_object object(json);
    object.text("source_instance_id", details.source_instance_id)
        .text("source_node_id", details.source_node_id)
        .text("source_database", details.source_database)
        .text("target_database", details.target_database)
        .text("database_repl_scope", details.scope)
        .flag("is_instance_level_sync", details.instance_level)
        .flag("is_tables_change", details.tables_change)
        .text("error_msg", details.errors.error_msg)
        .text("last_error_of_alter_table", details.errors.last_error_of_alter_table);
    append_counts(json, object, "table_checks", details.tables);
    append_counts(json, object, "parameter_checks", details.parameters);
}

} // namespace

std::string describe(const std::string& name, const shown_task& of) {
    lines all;
    all.add("task", shown(name));
    all.add("instance", shown(of.instance.name) + " (" + of.instance.id + ')');
    all.add("project", shown(of.instance.project));
    const task_reading listed = of.listed.value_or(task_reading());
    const cloud::task_details details = of.details.value_or(cloud::task_details());
    all.add("source database", first_of(listed.source_database, details.source_database));
    all.add("target database", first_of(listed.target_database, details.target_database));
    if (of.listed)
        add_listed(all, listed);
    if (of.lag)
        add_lag(all, *of.lag);
    add_details(all, details);
    return all.text();
}

std::string describe_as_json(const std::string& name, const shown_task& of, timestamp now) {
    instance_state state;
    state.identity = of.instance;
    task_state task;
    task.reading = of.listed.value_or(task_reading());
    task.reading.name = name;
    if (of.details)
        task.reason.text = of.details->errors.error_text();
    if (of.lag)
        state.lag.emplace().tasks.emplace(name, *of.lag);
    metrics::render_context context;
    context.now = now;
    std::string text;
    web::append_task_object(text, state, task, context);
    if (!of.details)
        return text;
    text.pop_back(); // removes the closing brace, to append one more key
    text += ",\"configuration\":";
    append_details(text, *of.details);
    return text + '}';
}

} // namespace replmond::terminal
