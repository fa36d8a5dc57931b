#include "daemon/cloud/targets.hpp"

#include "daemon/cloud/signer.hpp"

#include <fmt/format.h>

namespace replmond::cloud {

std::string list_target(std::string_view project_id, const list_query& query) {
    std::string target = "/v3/"; // for every request of a poll: a format costs ten times as much
    target.append(project_id).append("/instances/").append(query.instance_id);
    target.append("/starrocks/databases/replication?limit=").append(std::to_string(query.limit));
    return target.append("&offset=").append(std::to_string(query.offset));
}

std::string replication_target(std::string_view project_id, std::string_view instance_id,
                               std::string_view step) {
    return fmt::format("/v3/{}/instances/{}/starrocks/databases/replication{}", project_id, instance_id,
                       step);
}

std::string configuration_target(std::string_view project_id, const configuration_query& query) {
    return fmt::format("/v3/{}/instances/{}/starrocks/databases/replication/configuration?task_name={}",
                       project_id, query.instance_id, percent_encode(query.task_name));
}

std::string instances_target(std::string_view project_id, const instances_query& query) {
    return fmt::format("/v3/{}/instances?offset={}&limit={}", project_id, query.offset, query.limit);
}

std::string htap_target(std::string_view project_id, std::string_view taurusdb_id) {
    return fmt::format("/v3/{}/instances/{}/htap", project_id, taurusdb_id);
}

} // namespace replmond::cloud
