#pragma once

#include "daemon/export/task_selection.hpp"
#include "daemon/model/failure.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

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

struct instance_selection {
    std::vector<listed_instance> instances; ///< from `offset` on, at most `limit`
    std::size_t total = 0;                  ///< that fit the filters
};

instance_selection select_instances(std::vector<listed_instance> all, const instance_query& query);

} // namespace replmond::exposition
