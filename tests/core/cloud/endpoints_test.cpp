#include "daemon/core/cloud/endpoints.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
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
    EXPECT_EQ(default_endpoint(""), "https://gaussdb..myhuaweicloud.com"); // refused with the configuration
}

TEST(Endpoints, IamIsInTheRegionOrGlobal) {
    for (const std::string region :
         {"cn-north-1",     "cn-north-2",     "cn-north-4",       "cn-north-9",     "cn-north-12",
          "cn-east-2",      "cn-east-3",      "cn-east-4",        "cn-east-5",      "cn-south-1",
          "cn-south-2",     "cn-southwest-2", "ap-southeast-1",   "ap-southeast-2", "ap-southeast-3",
          "ap-southeast-4", "af-south-1",     "sa-brazil-1",      "la-south-2",     "la-north-2",
          "na-mexico-1",    "eu-west-0",      "my-kualalumpur-1", "ru-moscow-1",    "me-east-1",
          "ae-ad-1",        "tr-west-1"})
        EXPECT_EQ(default_iam_endpoint(region), "https://iam." + region + ".myhuaweicloud.com");
    EXPECT_EQ(default_iam_endpoint("eu-west-101"), "https://iam.eu-west-101.myhuaweicloud.eu");
    EXPECT_EQ(default_iam_endpoint("cn-north-11"), "https://iam.myhuaweicloud.com");
    EXPECT_EQ(default_iam_endpoint("a-region-of-tomorrow"), "https://iam.myhuaweicloud.com");
    EXPECT_EQ(default_iam_endpoint(""), "https://iam.myhuaweicloud.com");
}

TEST(Endpoints, NamesTheHostsWithTheOtherPrefixes) {
    const auto hint = [](const std::string& a, const std::string& b) {
        return "Regions differ in the name of this service: try " + a + " or " + b + " as the endpoint.";
    };
    const std::vector<std::pair<std::string, std::string>> table{
        {"gaussdb.x-1.myhuaweicloud.com",
         hint("gaussdbformysql.x-1.myhuaweicloud.com", "gaussdb-mysql.x-1.myhuaweicloud.com")},
        {"gaussdbformysql.x-1.myhuaweicloud.com",
         hint("gaussdb.x-1.myhuaweicloud.com", "gaussdb-mysql.x-1.myhuaweicloud.com")},
        {"gaussdb-mysql.eu-west-101.myhuaweicloud.eu",
         hint("gaussdb.eu-west-101.myhuaweicloud.eu", "gaussdbformysql.eu-west-101.myhuaweicloud.eu")},
        {"gaussdb.x.myhuaweicloud.com",
         hint("gaussdbformysql.x.myhuaweicloud.com", "gaussdb-mysql.x.myhuaweicloud.com")},
        {"iam.x-1.myhuaweicloud.com", ""},
        {".x-1.myhuaweicloud.com", ""},
        {"gaussdb...myhuaweicloud.com", ""},
        {"gaussdb.myhuaweicloud.com", ""},
        {"gaussdb..myhuaweicloud.com", ""},
        {"gaussdb.x-1.y.myhuaweicloud.com", ""},
        {"gaussdb.x-1.myhuaweicloud.com.evil.example", ""},
        {"gaussdb.x-1.myhuaweicloud.cn", ""},
        {"gaussdb.x-1", ""},
        {"gaussdb.", ""},
        {"gaussdb", ""},
        {"127.0.0.1", ""},
        {"", ""},
    };
    for (const auto& [host, expected] : table)
        EXPECT_EQ(other_prefixes_hint(host), expected) << host;
}

} // namespace
} // namespace replmond::cloud
