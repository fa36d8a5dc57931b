#pragma once

#include "daemon/model/failure.hpp"
#include "daemon/model/instance.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace replmond::exposition {

enum class instance_order { instance, severity };

/// Which instances are asked for. Empty: any.
struct instance_query {
    std::string project;
    std::string instance; ///< name or id
    std::optional<poll_result> result;
    instance_order order = instance_order::instance;
    std::optional<std::size_t> limit; ///< 1..100000; empty: all
    std::size_t offset = 0;
};

/// Reads the parameters of /api/v1/instances, named as the members (order: `sort`).
std::variant<instance_query, std::string> parse_instance_query(std::string_view target);

/// Whether the instance fits the filters.
bool admits(const instance_query& query, const instance_state& of);

} // namespace replmond::exposition
