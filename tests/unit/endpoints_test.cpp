#include "daemon/cloud/endpoints.hpp"

#include <gtest/gtest.h>

#include <string_view>
#include <vector>

namespace replmond::cloud {
namespace {

TEST(Endpoints, ThePrefixDependsOnTheRegion) {
    struct row {
        std::string_view prefix;
        std::vector<std::string_view> regions;
    };
    const std::vector<row> table{
        {"gaussdb",
         {"cn-north-2", "cn-north-4", "cn-north-9", "cn-east-3", "cn-south-1", "cn-south-4", "cn-southwest-2",
          "ap-southeast-3", "ap-southeast-4", "sa-brazil-1", "ru-northwest-2", "a-region-of-tomorrow"}},
        {"gaussdbformysql", {"ap-southeast-1", "ap-southeast-2", "cn-north-11", "tr-west-1", "me-east-1"}},
        {"gaussdb-mysql", {"af-south-1", "cn-east-5", "la-north-2", "cn-southwest-3"}},
    };
    for (const row& r : table) {
        for (const std::string_view region : r.regions)
            EXPECT_EQ(default_endpoint(region),
                      "https://" + std::string(r.prefix) + "." + std::string(region) + ".myhuaweicloud.com");
    }
}

TEST(Endpoints, TheEuropeanSiteHasADomainOfItsOwn) {
    EXPECT_EQ(default_endpoint("eu-west-101"), "https://gaussdb.eu-west-101.myhuaweicloud.eu");
    EXPECT_EQ(default_endpoint("eu-west-0"), "https://gaussdb.eu-west-0.myhuaweicloud.com");
}

} // namespace
} // namespace replmond::cloud
