#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace replmond::simulator {

/// What a request wants, by the names that faults and the request log use.
enum class operation {
    none, // a path or method that the cloud has not
    token,
    projects,
    list,
    create,
    pause,
    resume,
    remove, // `delete`
    configuration,
    databases,
    nodes,
    instances,
    htap,
    jobs,
    metadata_token,
    metadata_key,
    pod_identity,
    id_token,
    temporary_keys,
};

struct route {
    operation wanted = operation::none;
    std::string project;
    std::string instance;
    std::string database;
};

/// A proxy is asked with an absolute target: so is the metadata service, by mistake.
route find_route(std::string_view method, std::string_view path);

std::string_view name_of(operation which);
std::optional<operation> operation_named(std::string_view name);

/// True for what IAM answers; the others are TaurusDB's and the metadata service's.
bool is_iam(operation which);

/// True for what the metadata service of a virtual machine answers, or that of a pod's identity.
bool is_metadata(operation which);

} // namespace replmond::simulator
