// The hosts of each region's services (API.md, section 6), and the targets of the APIs.

#include "daemon/core/cloud/endpoints.hpp"

#include "daemon/core/cloud/signer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace replmond::cloud {

namespace {

constexpr std::array<std::string_view, 5> gaussdbformysql_regions = {"ap-southeast-1", "ap-southeast-2",
                                                                     "cn-north-11", "tr-west-1", "me-east-1"};
constexpr std::array<std::string_view, 4> gaussdb_mysql_regions = {"af-south-1", "cn-east-5", "la-north-2",
                                                                   "cn-southwest-3"};
constexpr std::array<std::string_view, 27> iam_regions = {
    "cn-north-1",     "cn-north-2",     "cn-north-4",       "cn-north-9",     "cn-north-12",
    "cn-east-2",      "cn-east-3",      "cn-east-4",        "cn-east-5",      "cn-south-1",
    "cn-south-2",     "cn-southwest-2", "ap-southeast-1",   "ap-southeast-2", "ap-southeast-3",
    "ap-southeast-4", "af-south-1",     "sa-brazil-1",      "la-south-2",     "la-north-2",
    "na-mexico-1",    "eu-west-0",      "my-kualalumpur-1", "ru-moscow-1",    "me-east-1",
    "ae-ad-1",        "tr-west-1"};
constexpr std::array<std::string_view, 3> prefixes = {"gaussdb", "gaussdbformysql", "gaussdb-mysql"};

template<class Regions>
bool has(const Regions& regions, std::string_view region) {
    return std::find(regions.begin(), regions.end(), region) != regions.end();
}

std::string_view prefix_of(std::string_view region) {
    if (has(gaussdbformysql_regions, region))
        return "gaussdbformysql";
    if (has(gaussdb_mysql_regions, region))
        return "gaussdb-mysql";
    return "gaussdb";
}

bool is_european(std::string_view region) {
    return region.starts_with("eu-west-1"); // such as eu-west-101; eu-west-0 is on .com
}

std::string host_in(std::string_view region, std::string_view service) {
    return fmt::format("{}.{}.myhuaweicloud.{}", service, region, is_european(region) ? "eu" : "com");
}

} // namespace

std::string default_endpoint(std::string_view region) {
    return "https://" + host_in(region, prefix_of(region));
}

std::string default_iam_endpoint(std::string_view region) {
    if (!has(iam_regions, region) && !is_european(region))
        return "https://iam.myhuaweicloud.com";
    return "https://" + host_in(region, "iam");
}

std::string other_prefixes_hint(std::string_view host) {
    const std::size_t dot = host.find('.');
    if (dot == std::string_view::npos || !has(prefixes, host.substr(0, dot)))
        return {};
    const std::string_view rest = host.substr(dot); // .<region>.myhuaweicloud.com
    const std::size_t domain = rest.find('.', 1);
    if (domain == std::string_view::npos || domain == 1 ||
        (rest.substr(domain) != ".myhuaweicloud.com" && rest.substr(domain) != ".myhuaweicloud.eu"))
        return {};

    std::string others;
    for (const std::string_view prefix : prefixes) {
        if (prefix != host.substr(0, dot))
            others += fmt::format("{}{}{}", others.empty() ? "" : " or ", prefix, rest);
    }
    return fmt::format("Regions differ in the name of this service: try {} as the endpoint.", others);
}

std::string list_target(std::string_view project_id, const list_query& query) {
    // Not with fmt::format, which takes ten times as long: every request of a poll needs a target.
    std::string target = "/v3/";
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
