#pragma once

#include "daemon/core/model/failure.hpp"

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace replmond::cloud {

/// What ListStarRocksDataReplicationConfig says of one task, as far as a monitor needs it.
struct task_configuration {
    std::optional<std::string> error_msg;                 ///< Terraform reads it, no SDK has it
    std::optional<std::string> last_error_of_alter_table; ///< documented

    /// The cloud's error text: one of the two, or both joined; nothing where there is none. At most 1,024
    /// bytes each.
    std::optional<std::string> error_text() const;
};

/// Decodes the body of a 200 answer: fails (protocol) only where it is no JSON object; empty and null mean
/// none.
result<task_configuration> decode_configuration(std::string_view body);

/// How many of something had which `check_result`, in lower case: success, failed, ….
using check_counts = std::map<std::string, std::size_t>;

/// What ListStarRocksDataReplicationConfig says of one task, for people. Anything may be missing.
struct task_details {
    task_configuration errors;
    std::optional<std::string> source_instance_id;
    std::optional<std::string> source_node_id;
    std::optional<std::string> source_database;
    std::optional<std::string> target_database;
    std::optional<std::string> scope; ///< `database_repl_scope`: all, part
    std::optional<bool> instance_level;
    std::optional<bool> tables_change; ///< `is_tables_change`
    check_counts tables;               ///< of `table_infos`
    check_counts parameters;           ///< of the database's parameters
};

/// Decodes the body of a 200 answer: fails (protocol) only where it is no JSON object. `database_info` is
/// read with the names of the SDKs and with those of Terraform (camel case).
result<task_details> decode_task_details(std::string_view body);

} // namespace replmond::cloud
