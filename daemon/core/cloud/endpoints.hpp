#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

/// Where a region's services are (the regions lists of the official Go and Python SDKs). The prefix of the
/// TaurusDB service differs between regions.
namespace replmond::cloud {

/// `https://<prefix>.<region>.myhuaweicloud.com`, or .eu for the European site; prefix `gaussdb` where the
/// region is not known.
std::string default_endpoint(std::string_view region);

/// `https://iam.<region>.myhuaweicloud.com` where the region has one, or .eu for the European site; else the
/// global `https://iam.myhuaweicloud.com`.
std::string default_iam_endpoint(std::string_view region);

/// For a host of the TaurusDB service that does not exist or does not know it: a sentence that names the same
/// region's hosts with the other two prefixes. Empty for every other host; `host` is in lower case.
std::string other_prefixes_hint(std::string_view host);

// The request lines' targets of the APIs (TaurusDB API reference), encoded as they go over the wire.

struct list_query {
    std::string instance_id;
    int limit = 100; ///< 1..100
    std::size_t offset = 0;
    std::shared_ptr<const std::string> known_body; ///< what this page was before: not decoded again
};

/// `/v3/{project_id}/instances/{id}/starrocks/databases/replication?limit=&offset=`
std::string list_target(std::string_view project_id, const list_query& query);

/// `/v3/{project_id}/instances/{id}/starrocks/databases/replication`, to POST (create) or DELETE;
/// with `/pause` or `/resume` as `step`, to POST.
std::string replication_target(std::string_view project_id, std::string_view instance_id,
                               std::string_view step = "");

struct configuration_query {
    std::string instance_id;
    std::string task_name; ///< any UTF-8
};

/// `/v3/{project_id}/instances/{id}/starrocks/databases/replication/configuration?task_name=`
std::string configuration_target(std::string_view project_id, const configuration_query& query);

struct instances_query {
    std::size_t offset = 0;
    int limit = 100; ///< 1..100
};

/// `/v3/{project_id}/instances?offset=&limit=`: the project's TaurusDB instances. Without the optional
/// `datastore_type`: this service has no others, and what is not asked cannot be refused.
std::string instances_target(std::string_view project_id, const instances_query& query);

/// `/v3/{project_id}/instances/{taurusdb_id}/htap`: the HTAP instances of a TaurusDB instance.
std::string htap_target(std::string_view project_id, std::string_view taurusdb_id);

} // namespace replmond::cloud
