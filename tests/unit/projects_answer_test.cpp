#include "daemon/cloud/projects_answer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace replmond::cloud {
namespace {

result<std::string> decode(std::string body, int status = 200) {
    return decode_projects_answer({status, {{"X-IAM-Trace-Id", "trace"}}, std::move(body)}, "cn-north-4");
}

TEST(ProjectsAnswer, Target) {
    EXPECT_EQ(projects_target("cn-north-4"), "/v3/projects?name=cn-north-4");
    EXPECT_EQ(projects_target("a&b c"), "/v3/projects?name=a%26b%20c");
}

TEST(ProjectsAnswer, FindsTheProjectOfTheRegion) {
    for (const char* body : {
             R"({"projects": [{"id": "p1", "name": "cn-north-4", "enabled": true}], "links": {}})",
             R"({"projects": [{"id": "p2", "name": "cn-north-4_sub"}, {"id": "p1", "name": "cn-north-4"}]})",
             R"({"projects": [null, 7, {"name": "cn-north-4"}, {"id": 1, "name": "cn-north-4"},
                 {"id": "p1", "name": "cn-north-4"}, {"id": "a/../b", "name": "cn-north-4"}]})",
         }) {
        const auto read = decode(body);
        ASSERT_TRUE(read) << body;
        EXPECT_EQ(*read, "p1") << body;
    }
}

TEST(ProjectsAnswer, SaysWhatWasFoundInstead) {
    const std::vector<std::pair<std::string, std::string>> table{
        {R"({"projects": []})",
         R"(IAM lists no project named "cn-north-4", it lists none: configure project_id)"},
        {R"({"projects": [{"id": "p1", "name": "CN-NORTH-4"}, {"id": "p2"}]})",
         R"(IAM lists no project named "cn-north-4", it lists "CN-NORTH-4" (id p1), "" (id p2): configure project_id)"},
        {R"({"projects": [{"id": "p1", "name": "a\nb\"c"}]})",
         R"(IAM lists no project named "cn-north-4", it lists "a\x0ab\"c" (id p1): configure project_id)"},
        {R"({"projects": [{"id": "p1", "name": "cn-north-4"}, {"id": "p2", "name": "cn-north-4"}]})",
         R"(IAM lists several projects named "cn-north-4", "cn-north-4" (id p1), "cn-north-4" (id p2): configure project_id)"},
        {R"({"projects": [{"id": "1", "name": "a"}, {"id": "2", "name": "a"}, {"id": "3", "name": "a"},
             {"id": "4", "name": "a"}, {"id": "5", "name": "a"}, {"id": "6", "name": "a"}, {"id": "7", "name": "a"}]})",
         R"(IAM lists no project named "cn-north-4", it lists "a" (id 1), "a" (id 2), "a" (id 3), "a" (id 4), "a" (id 5) and 2 more: configure project_id)"},
    };
    for (const auto& [body, message] : table) {
        const auto read = decode(body);
        ASSERT_FALSE(read) << body;
        EXPECT_EQ(read.error().result, poll_result::protocol);
        EXPECT_EQ(read.error().http_status, 200);
        EXPECT_EQ(read.error().request_id, "trace");
        EXPECT_EQ(read.error().error_msg, message);
    }
}

TEST(ProjectsAnswer, RefusesWhatIsNoList) {
    for (const std::string& body : {std::string(), std::string("null"), std::string("[]"), std::string("{}"),
                                    std::string(R"({"projects": {}})"), std::string(R"({"projects": null})"),
                                    std::string(100'000, '['), std::string("{\"projects\": [\"\xFF\"]}")}) {
        const auto read = decode(body);
        ASSERT_FALSE(read) << body;
        EXPECT_EQ(read.error().result, poll_result::protocol);
        EXPECT_THAT(read.error().error_msg,
                    ::testing::StartsWith("IAM's answer is no list of projects: configure project_id; it "));
    }
}

TEST(ProjectsAnswer, OtherStatusesAreFailuresAsEverywhere) {
    EXPECT_EQ(decode("{}", 401).error().result, poll_result::auth);
    const auto forbidden = decode(R"({"error_code": "IAM.0003", "error_msg": "Policy doesn't allow"})", 403);
    ASSERT_FALSE(forbidden);
    EXPECT_EQ(forbidden.error().result, poll_result::http);
    EXPECT_EQ(forbidden.error().error_msg,
              "Policy doesn't allow (asked for the list of projects: allow that, "
              "or configure project_id)");
}

} // namespace
} // namespace replmond::cloud
