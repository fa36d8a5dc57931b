#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

/// The hosts of a region's services (API.md, section 6; from the region lists of the official Go and Python
/// SDKs), and the targets of the APIs. The host's prefix of the TaurusDB service differs between regions.
namespace replmond::cloud {

/// `https://<prefix>.<region>.myhuaweicloud.com`, or .eu for the European site. The prefix of an unknown
/// region is `gaussdb`.
std::string default_endpoint(std::string_view region);

/// `https://iam.<region>.myhuaweicloud.com` if the region has an IAM endpoint, or .eu for the European site;
/// else the global `https://iam.myhuaweicloud.com`.
std::string default_iam_endpoint(std::string_view region);

/// A hint for the case that a host of the TaurusDB service does not exist or does not have the API: a
/// sentence that names the same region's hosts with the other two prefixes. Empty for every other host.
/// `host` must be in lower case.
std::string other_prefixes_hint(std::string_view host);

// The targets of the APIs' request lines (API.md, sections 1 to 3), percent-encoded as they are sent.

/// A page of the task list of an instance.
struct list_query {
    std::string instance_id;
    int limit = 100; ///< 1..100
    std::size_t offset = 0;
    /// This page's body in the last poll; the same is not decoded again.
    std::shared_ptr<const std::string> known_body;
};

/// `/v3/{project_id}/instances/{id}/starrocks/databases/replication?limit=&offset=`
std::string list_target(std::string_view project_id, const list_query& query);

/// `/v3/{project_id}/instances/{id}/starrocks/databases/replication`, for POST (create) and DELETE. With
/// `/pause` or `/resume` as `step`: for POST.
std::string replication_target(std::string_view project_id, std::string_view instance_id,
                               std::string_view step = "");

/// The configuration of a task.
struct configuration_query {
    std::string instance_id;
    std::string task_name; ///< any UTF-8
};

/// `/v3/{project_id}/instances/{id}/starrocks/databases/replication/configuration?task_name=`
std::string configuration_target(std::string_view project_id, const configuration_query& query);

/// A page of the list of TaurusDB instances.
struct instances_query {
    std::size_t offset = 0;
    int limit = 100; ///< 1..100
};

/// `/v3/{project_id}/instances?offset=&limit=`: the project's TaurusDB instances. The optional
/// `datastore_type` is left out: this service has no other type, and a parameter that is not sent cannot be
/// refused.
std::string instances_target(std::string_view project_id, const instances_query& query);

/// `/v3/{project_id}/instances/{taurusdb_id}/htap`: the HTAP instances of a TaurusDB instance.
std::string htap_target(std::string_view project_id, std::string_view taurusdb_id);

} // namespace replmond::cloud
