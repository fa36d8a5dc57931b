#pragma once

#include "daemon/core/model/failure.hpp"

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace replmond::cloud {

/// The error texts of one task, from ListStarRocksDataReplicationConfig (API.md, section 3).
struct task_configuration {
    std::optional<std::string> error_msg;                 ///< read by the Terraform provider; in no SDK
    std::optional<std::string> last_error_of_alter_table; ///< documented

    /// The cloud's error text: one of the two, or both joined; nothing if there is none. At most 1,024 bytes
    /// each.
    std::optional<std::string> error_text() const;
};

/// Decodes the body of a 200 answer. Fails with `protocol` only if it is not a JSON object. An empty text and
/// null mean that there is no error text.
result<task_configuration> decode_configuration(std::string_view body);

/// How many items have each `check_result`, in lower case: success, failed, ….
using check_counts = std::map<std::string, std::size_t>;

/// All that ListStarRocksDataReplicationConfig tells about one task, to be shown to users. Every value may be
/// missing.
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

/// Decodes the body of a 200 answer. Fails with `protocol` only if it is not a JSON object. `database_info`
/// is read with the names of the SDKs and with those of the Terraform provider (camel case; API.md, section
/// 3).
result<task_details> decode_task_details(std::string_view body);

} // namespace replmond::cloud
