#include "tests/simulator/mysql_query.hpp"

#include "tests/simulator/cloud.hpp"
#include "tests/simulator/mysql_errors.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

namespace replmond::simulator {
namespace {

// The table of heartbeats of one task, on one side of it.
struct heartbeat_table {
    const instance_spec* instance; // the StarRocks instance that the task belongs to
    replicated_task task;
    table_name name;
};

// What control says, of the task's table where it does, else of the server.
struct table_settings {
    std::optional<std::chrono::microseconds> lag;
    std::optional<std::string> heartbeat;
    std::optional<wall_time> stopped;
    bool dropped = false;
    bool null = false;
    std::size_t rows = 1;
};

// Nothing for a task of the whole instance, whose table the scenario has to name.
std::optional<table_name> table_of(const mysql_spec& spec, const replicated_task& task, mysql_kind side) {
    if (task.heartbeat) {
        const std::size_t dot = task.heartbeat->find('.');
        return table_name{task.heartbeat->substr(0, dot), task.heartbeat->substr(dot + 1)};
    }
    const auto& database = side == mysql_kind::starrocks ? task.target_database : task.source_database;
    if (database == "ALL")
        return std::nullopt;
    return table_name{database, spec.table};
}

void add_tables(const cloud& all, const instance_spec& instance, mysql_kind side,
                std::vector<heartbeat_table>& found) {
    for (auto& task : all.tasks.replications(instance)) {
        if (auto name = table_of(*all.mysql.spec, task, side))
            found.push_back({&instance, std::move(task), std::move(*name)});
    }
}

std::vector<heartbeat_table> tables_in(const cloud& all, const mysql_server& server) {
    std::vector<heartbeat_table> found;
    if (server.kind == mysql_kind::starrocks) {
        add_tables(all, *all.tasks.find_instance(server.id), server.kind, found);
        return found;
    }
    for (const auto& owned : all.tasks.find_taurusdb(server.id)->htap) {
        if (const auto* instance = all.tasks.find_instance(owned.id))
            add_tables(all, *instance, server.kind, found);
    }
    return found;
}

std::vector<heartbeat_table> tables_named(const cloud& all, const mysql_server& server,
                                          const table_name& name) {
    // Main tasks first. std::stable_partition is deprecated to clang 19, with GCC 12's library.
    std::vector<heartbeat_table> found;
    std::vector<heartbeat_table> temporary;
    for (heartbeat_table& table : tables_in(all, server)) {
        if (table.name == name)
            (table.task.main ? found : temporary).push_back(std::move(table));
    }
    std::move(temporary.begin(), temporary.end(), std::back_inserter(found));
    return found;
}

void lay_over(table_settings& merged, const mysql_settings* given) {
    if (!given)
        return;
    if (given->lag)
        merged.lag = given->lag;
    if (given->heartbeat)
        merged.heartbeat = given->heartbeat;
    merged.dropped = merged.dropped || given->dropped;
    merged.null = merged.null || given->null;
    merged.rows = static_cast<std::size_t>(given->rows.value_or(static_cast<std::int64_t>(merged.rows)));
}

// The earliest order to stop counts.
void stop(table_settings& merged, const mysql_settings* given) {
    if (given && given->stopped && (!merged.stopped || *given->stopped < *merged.stopped))
        merged.stopped = given->stopped;
}

table_settings settings_of(const cloud& all, const mysql_server& server,
                           const std::vector<heartbeat_table>& tables) {
    const auto& control = all.mysql;
    table_settings merged;
    lay_over(merged, control.find_settings(server.id, ""));
    for (const auto& table : tables) {
        const std::string& task = table.task.task;
        lay_over(merged, control.find_settings(server.id, task));
        stop(merged, control.find_settings(table.instance->id, ""));
        stop(merged, control.find_settings(table.instance->id, task));
        if (const auto* owner = all.tasks.owner_of(table.instance->id)) {
            stop(merged, control.find_settings(owner->id, ""));
            stop(merged, control.find_settings(owner->id, task));
        }
    }
    return merged;
}

struct found_heartbeat {
    std::optional<wall_time> time; // nothing: the table is empty
    bool written = false;          // by a client, and so in microseconds
};

// The newest row of the task's source that is no newer than `limit`.
found_heartbeat newest_of_source(const cloud& all, const heartbeat_table& table, wall_time limit) {
    const auto* owner = all.tasks.owner_of(table.instance->id);
    const auto name = table_of(*all.mysql.spec, table.task, mysql_kind::taurusdb);
    if (!owner || !name)
        return {limit, false}; // nobody can write there
    return {all.mysql.heartbeats.newest(owner->id, *name, limit),
            all.mysql.heartbeats.written(owner->id, *name)};
}

found_heartbeat find_heartbeat(cloud& all, const mysql_server& server, const heartbeat_table& table,
                               const table_settings& settings, const instant& at) {
    wall_time limit = at.real;
    if (server.kind == mysql_kind::starrocks) {
        const auto how = all.tasks.follows(*table.instance, table.task.ordinal, at.now);
        const auto until = all.mysql.heartbeats.follow(table.instance->id, table.task.task, how, at);
        if (!until)
            return {std::nullopt, false};
        limit = *until - settings.lag.value_or(how.lag);
    }
    return newest_of_source(all, table, std::min(limit, settings.stopped.value_or(limit)));
}

column_type type_of(heartbeat_form form) {
    if (form == heartbeat_form::text)
        return column_type::datetime;
    return form == heartbeat_form::text_t ? column_type::var_string : column_type::longlong;
}

mysql_result show_heartbeat(cloud& all, const mysql_server& server,
                            const std::vector<heartbeat_table>& tables, const std::string& column,
                            const instant& at) {
    const auto settings = settings_of(all, server, tables);
    const auto heartbeat = find_heartbeat(all, server, tables.front(), settings, at);
    const auto form = heartbeat.written ? heartbeat_form::microseconds : all.mysql.spec->form;
    const bool quoted = server.kind == mysql_kind::taurusdb;
    mysql_result result{quoted ? fmt::format("MAX(`{}`)", column) : fmt::format("max({})", column),
                        type_of(form), settings.rows, std::nullopt};
    if (heartbeat.time)
        result.value = heartbeat_text(*heartbeat.time, form);
    if (settings.heartbeat) {
        result.value = settings.heartbeat;
        result.type = column_type::var_string;
    }
    if (settings.null)
        result.value.reset();
    return result;
}

// The tables of that name, or why there are none.
std::variant<std::vector<heartbeat_table>, mysql_error>
look_up(const cloud& all, const mysql_server& server, const table_name& name, const std::string& column) {
    if (!has_database(all, server, name.database))
        return unknown_database(server.kind, name.database);
    auto tables = tables_named(all, server, name);
    if (tables.empty() || settings_of(all, server, tables).dropped)
        return unknown_table(server.kind, name);
    if (column != all.mysql.spec->column)
        return unknown_column(server.kind, column);
    return tables;
}

// Carries out one kind of statement each.
struct statement_visitor {
    cloud& all;
    const mysql_server& server;
    std::string_view text;
    const instant& at;

    mysql_answer operator()(const select_max& asked) const {
        const auto found = look_up(all, server, asked.from, asked.column);
        if (const auto* refused = std::get_if<mysql_error>(&found))
            return *refused;
        return show_heartbeat(all, server, std::get<0>(found), asked.column, at);
    }

    mysql_answer operator()(const upsert& asked) const {
        const auto found = look_up(all, server, asked.into, asked.column);
        if (const auto* refused = std::get_if<mysql_error>(&found))
            return *refused;
        if (asked.key != "id")
            return unknown_column(server.kind, asked.key);
        const bool before = all.mysql.heartbeats.written(server.id, asked.into);
        all.mysql.heartbeats.write(server.id, asked.into, at.real);
        return mysql_done{before ? 2u : 1u}; // an update counts twice
    }

    mysql_answer operator()(const select_clock& asked) const {
        return mysql_result{asked.expression, column_type::longlong, 1,
                            heartbeat_text(at.real, heartbeat_form::microseconds)};
    }

    mysql_answer operator()(const set_names&) const { return mysql_done{}; }

    mysql_answer operator()(const syntax_error& wrong) const {
        return wrong_syntax(server.kind, text, wrong.position);
    }
};

} // namespace

std::optional<mysql_server> find_mysql_server(const cloud& all, const std::string& address) {
    if (address.empty())
        return std::nullopt; // so is that of instances without a database
    for (const auto& instance : all.tasks.instances()) {
        if (instance.address == address && !instance.quirks.deleted)
            return mysql_server{mysql_kind::starrocks, instance.id, address};
    }
    for (const auto& owner : all.tasks.taurusdb()) {
        if (owner.address == address && !owner.course.deleted)
            return mysql_server{mysql_kind::taurusdb, owner.id, address};
    }
    return std::nullopt;
}

mysql_answer answer_statement(cloud& all, const mysql_server& server, const mysql_statement& statement,
                              std::string_view text, const instant& at) {
    return std::visit(statement_visitor{all, server, text, at}, statement);
}

std::vector<std::string> tasks_of(const cloud& all, const mysql_server& server,
                                  const mysql_statement& statement) {
    const table_name* name = nullptr;
    if (const auto* asked = std::get_if<select_max>(&statement))
        name = &asked->from;
    if (const auto* asked = std::get_if<upsert>(&statement))
        name = &asked->into;
    std::vector<std::string> tasks;
    if (name) {
        for (auto& table : tables_named(all, server, *name))
            tasks.push_back(std::move(table.task.task));
    }
    return tasks;
}

bool has_database(const cloud& all, const mysql_server& server, const std::string& database) {
    const auto tables = tables_in(all, server);
    return std::any_of(tables.begin(), tables.end(),
                       [&](const heartbeat_table& table) { return table.name.database == database; });
}

void observe_tasks(cloud& all, const instant& at) {
    if (!all.mysql.spec)
        return;
    for (const auto& instance : all.tasks.instances()) {
        if (instance.address.empty())
            continue;
        for (const auto& task : all.tasks.replications(instance))
            all.mysql.heartbeats.follow(instance.id, task.task,
                                        all.tasks.follows(instance, task.ordinal, at.now), at);
    }
}

} // namespace replmond::simulator
