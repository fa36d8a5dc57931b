#include "daemon/core/cloud/config_review.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace replmond::cloud {
namespace {

using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using from = config::secret_source::kind;

config::settings with_instances(std::size_t count, config::milliseconds interval = seconds(60)) {
    config::settings all;
    config::project_settings project;
    project.name = "prod";
    project.region = "ap-southeast-3";
    project.auth = config::metadata_auth();
    all.projects.push_back(project);
    for (std::size_t i = 0; i < count; ++i) {
        config::instance_settings one;
        one.name = "i" + std::to_string(i);
        one.project = "prod";
        one.interval = interval;
        one.timeout = seconds(10);
        all.instances.push_back(one);
    }
    return all;
}

TEST(ConfigReview, FindsNothingWhereNothingIsWrong) {
    EXPECT_THAT(review(with_instances(32)), IsEmpty());
    EXPECT_THAT(review({}), IsEmpty());
}

TEST(ConfigReview, Regions) {
    for (const char* region : {"ap-southeast-3", "eu-west-101", "eu-west-102", "cn-southwest-3", "ae-ad-1"})
        EXPECT_TRUE(is_known_region(region)) << region;
    auto all = with_instances(1);
    all.projects[0].region = "ap-southest-3";
    EXPECT_THAT(review(all), ElementsAre("project prod: replmond knows no region ap-southest-3 (did you mean "
                                         "ap-southeast-3?); it sends requests to "
                                         "https://gaussdb.ap-southest-3.myhuaweicloud.com"));
    all.projects[0].region = "mars";
    EXPECT_THAT(review(all), ElementsAre("project prod: replmond knows no region mars; it sends requests to "
                                         "https://gaussdb.mars.myhuaweicloud.com"));
    all.projects[0].endpoint = "https://gaussdb.private.example"; // a cloud of its own
    EXPECT_THAT(review(all), IsEmpty());
}

TEST(ConfigReview, Tokens) {
    auto all = with_instances(1);
    const char* said =
        "project prod: replmond cannot renew a token; polls fail once it has expired, after 24 hours at "
        "most; only a token_file can be replaced before that";
    all.projects[0].auth = config::token_auth{{from::value, "secret"}};
    EXPECT_THAT(review(all), ElementsAre(said));
    all.projects[0].auth = config::token_auth{{from::environment, "TOKEN"}};
    EXPECT_THAT(review(all), ElementsAre(said));
    all.projects[0].auth = config::token_auth{{from::file, "token"}};
    EXPECT_THAT(review(all), IsEmpty());
}

// 80 % of 200 are 160: 32 instances polled five times in 5 minutes.
TEST(ConfigReview, Budgets) {
    EXPECT_EQ(requests_needed(with_instances(32), with_instances(0).projects[0]), 160);
    EXPECT_EQ(requests_needed(with_instances(1, seconds(3599)), with_instances(0).projects[0]), 1);
    EXPECT_THAT(
        review(with_instances(33)),
        ElementsAre("project prod: polls need at least 165 requests in 5m, but rate_limit leaves them "
                    "160 (80 % of 200); replmond will lengthen their intervals"));
}

TEST(ConfigReview, Intervals) {
    auto all = with_instances(3, seconds(20));
    for (auto& one : all.instances)
        one.timeout = seconds(30);
    all.instances[2].lag.emplace().interval = seconds(2);
    EXPECT_THAT(review(all), ElementsAre("instance i0 and 2 more: interval 20s is below timeout 30s; a slow "
                                         "answer makes replmond skip polls",
                                         "instance i2: lag.interval 2s is below lag.timeout 5s; a slow "
                                         "database makes replmond skip reads"));
    all.instances[2].lag->interval = seconds(5);
    for (auto& one : all.instances)
        one.timeout = seconds(20);
    EXPECT_THAT(review(all), IsEmpty());
}

TEST(ConfigReview, CredentialsInWords) {
    const std::pair<config::auth_settings, const char*> table[] = {
        {config::aksk_auth{{from::file, "ak"}, {from::environment, "SK"}, {}},
         "access_key from file ak, secret_key from variable SK"},
        {config::aksk_auth{
             {from::value, "AKSECRET"}, {from::value, "S"}, config::secret_source{from::file, "t"}},
         "access_key in the configuration, secret_key in the configuration, security_token from file t"},
        {config::password_auth{{from::value, "d"}, {from::value, "u"}, {from::file, "p"}},
         "password from file p, of an IAM user"},
        {config::token_auth{{from::value, "secret"}}, "token in the configuration"},
        {config::metadata_auth(), "temporary keys of the ECS agency of this host"},
        {config::pod_identity_auth(), "temporary keys of the agency of this pod"},
        {config::oidc_auth{{from::value, "idp"}, {from::file, "id"}},
         "temporary keys for the id_token from file id"},
        {config::default_auth(),
         "the first that there is of environment, profile file, pod identity and metadata"},
    };
    for (const auto& [auth, words] : table)
        EXPECT_EQ(credential_words(auth), words);
}

} // namespace
} // namespace replmond::cloud
