#include "daemon/cloud/targets.hpp"

#include "daemon/cloud/signer.hpp"

#include <fmt/format.h>

namespace replmond::cloud {

std::string list_target(std::string_view project_id, const list_query& query) {
    return fmt::format("/v3/{}/instances/{}/starrocks/databases/replication?limit={}&offset={}", project_id,
                       query.instance_id, query.limit, query.offset);
}

std::string configuration_target(std::string_view project_id, const configuration_query& query) {
    return fmt::format("/v3/{}/instances/{}/starrocks/databases/replication/configuration?task_name={}",
                       project_id, query.instance_id, percent_encode(query.task_name));
}

std::string instances_target(std::string_view project_id, int limit) {
    return fmt::format("/v3/{}/instances?offset=0&limit={}", project_id, limit);
}

} // namespace replmond::cloud
