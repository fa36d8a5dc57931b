#pragma once

#include <cstddef>
#include <string>
#include <string_view>

/// The request lines' targets of the APIs (TaurusDB API reference), encoded as they go over the wire.
namespace replmond::cloud {

struct list_query {
    std::string instance_id;
    int limit = 100; ///< 1..100
    std::size_t offset = 0;
};

/// `/v3/{project_id}/instances/{id}/starrocks/databases/replication?limit=&offset=`
std::string list_target(std::string_view project_id, const list_query& query);

struct configuration_query {
    std::string instance_id;
    std::string task_name; ///< any UTF-8
};

/// `/v3/{project_id}/instances/{id}/starrocks/databases/replication/configuration?task_name=`
std::string configuration_target(std::string_view project_id, const configuration_query& query);

/// `/v3/{project_id}/instances?offset=0&limit=`: the project's TaurusDB instances.
std::string instances_target(std::string_view project_id, int limit);

} // namespace replmond::cloud
