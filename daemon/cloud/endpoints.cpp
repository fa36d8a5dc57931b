#include "daemon/cloud/endpoints.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace replmond::cloud {
namespace {

constexpr std::array<std::string_view, 5> gaussdbformysql_regions = {"ap-southeast-1", "ap-southeast-2",
                                                                     "cn-north-11", "tr-west-1", "me-east-1"};
constexpr std::array<std::string_view, 4> gaussdb_mysql_regions = {"af-south-1", "cn-east-5", "la-north-2",
                                                                   "cn-southwest-3"};

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

} // namespace

std::string default_endpoint(std::string_view region) {
    const bool european = region.starts_with("eu-west-1"); // eu-west-101 and its like; eu-west-0 is on .com
    return fmt::format("https://{}.{}.myhuaweicloud.{}", prefix_of(region), region, european ? "eu" : "com");
}

} // namespace replmond::cloud
