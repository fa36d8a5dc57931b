#pragma once

#include "daemon/cli/arguments.hpp"
#include "daemon/cli/console.hpp"
#include "daemon/core/config/settings.hpp"
#include "daemon/core/lag/lag_tracker.hpp"

#include <string>
#include <vector>

namespace replmond::cli {

/// True if the lag of any instance is to be measured.
bool measures_lag(const config::settings& settings);

/// One of the two ends of an instance.
struct checked_end {
    const char* name; ///< StarRocks or TaurusDB
    const config::database_settings& database;
    const lag::database_reading& reading;
    const std::vector<config::table_name>& tables;
};

/// What makes a table that cannot be read: statements for an administrator, a sentence each.
std::vector<std::string> statements_for(const checked_end& end, const config::table_name& table,
                                        const config::lag_settings& settings);

/// `check-config --online` where lag is measured: asks the cloud for the tasks of each such instance, logs in
/// to both of its databases and reads every heartbeat once. Writes nothing. Prints a line for each database
/// and table, and for each table that cannot be read the statements that make it. Returns the exit code: 0 if
/// every heartbeat was read, else 1.
int check_databases(const common_arguments& arguments, console& out);

} // namespace replmond::cli
