#pragma once

#include "daemon/core/config/settings.hpp"
#include "daemon/core/model/instance.hpp"

#include <optional>
#include <string>
#include <vector>

/// What is read of an instance's databases, and by which statements (the contract, Lag).
namespace replmond::lag {

/// Where the heartbeat of one task is.
struct planned_task {
    std::string task;
    /// `database` is never empty. Nothing: the task has no database of its own, and the configuration names
    /// none.
    std::optional<config::table_name> table;
    std::optional<config::table_name> source; ///< the same in TaurusDB; nothing also without `lag.source`
};

/// What one read asks the two databases for. A table that several tasks share is asked for once.
struct read_plan {
    std::vector<planned_task> tasks;
    std::vector<config::table_name> tables;
    std::vector<config::table_name> source_tables;
};

/// The tasks are read in whatever stage they are. Temporary ones are left out: their main task has the same
/// databases.
read_plan plan_read(const config::lag_settings& settings, const instance_state& of);

/// A name as an identifier in a statement, in backquotes.
std::string quoted_identifier(const std::string& name);

/// `database.table`, for messages.
std::string to_string(const config::table_name& name);

/// Reads the newest heartbeat: one row with one column.
std::string select_statement(const config::table_name& from, const std::string& column);

/// Writes the database's own time in µs into the row `id = 1`.
std::string upsert_statement(const config::table_name& into, const std::string& column);

} // namespace replmond::lag
