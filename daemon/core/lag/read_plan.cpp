// Decides which tables hold the heartbeats of an instance's tasks, and writes the statements.

#include "daemon/core/lag/read_plan.hpp"

#include "daemon/core/model/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace replmond::lag {

namespace {

// A task of all databases, or of a list of them, has no database whose heartbeat would be the task's.
bool is_one_database(const std::optional<std::string>& name) {
    return name && !name->empty() && to_lower_ascii(*name) != "all" && name->find(',') == std::string::npos;
}

std::optional<config::table_name> table_of(const std::string& task,
                                           const std::map<std::string, config::table_name>& named,
                                           const config::table_name& usual,
                                           const std::optional<std::string>& database) {
    const auto own = named.find(task);
    config::table_name table = own == named.end() ? usual : own->second;
    if (!table.database.empty())
        return table;
    if (!is_one_database(database))
        return std::nullopt;
    table.database = *database;
    return table;
}

void add_once(std::vector<config::table_name>& to, const std::optional<config::table_name>& table) {
    if (table && std::find(to.begin(), to.end(), *table) == to.end())
        to.push_back(*table);
}

} // namespace

read_plan plan_read(const config::lag_settings& settings, const instance_state& of) {
    read_plan plan;
    for (const auto& [name, task] : of.tasks) {
        if (!task.reading.counts_as_main())
            continue;
        planned_task planned;
        planned.task = name;
        planned.table = table_of(name, settings.tasks, settings.table, task.reading.target_database);
        if (settings.source)
            planned.source =
                table_of(name, settings.source->tasks, settings.source->table, task.reading.source_database);
        add_once(plan.tables, planned.table);
        add_once(plan.source_tables, planned.source);
        plan.tasks.push_back(std::move(planned));
    }
    return plan;
}

std::string quoted_identifier(const std::string& name) {
    std::string quoted = "`";
    for (const char c : name) {
        quoted += c;
        if (c == '`')
            quoted += c;
    }
    return quoted + '`';
}

std::string to_string(const config::table_name& name) {
    return name.database + '.' + name.table;
}

namespace {

std::string full_name(const config::table_name& name) {
    return quoted_identifier(name.database) + '.' + quoted_identifier(name.table);
}

} // namespace

std::string select_statement(const config::table_name& from, const std::string& column) {
    return fmt::format("SELECT MAX({}) FROM {}", quoted_identifier(column), full_name(from));
}

std::string upsert_statement(const config::table_name& into, const std::string& column) {
    const std::string name = quoted_identifier(column);
    return fmt::format(
        "INSERT INTO {} (`id`, {}) VALUES (1, TIMESTAMPDIFF(MICROSECOND, '1970-01-01 00:00:00', "
        "UTC_TIMESTAMP(6))) ON DUPLICATE KEY UPDATE {} = VALUES({})",
        full_name(into), name, name, name);
}

} // namespace replmond::lag
