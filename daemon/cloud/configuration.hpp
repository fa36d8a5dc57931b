#pragma once

#include "daemon/model/failure.hpp"

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

} // namespace replmond::cloud
