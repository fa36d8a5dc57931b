#include "daemon/core/cloud/iam.hpp"

#include <boost/json.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
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
        {R"({"projects": [{"id": "1", "name": "a"}, {"id": "2", "name": "a"}, {"id": "3", "name": "a"},
             {"id": "4", "name": "a"}, {"id": "5", "name": "a"}]})",
         R"(IAM lists no project named "cn-north-4", it lists "a" (id 1), "a" (id 2), "a" (id 3), "a" (id 4), "a" (id 5): configure project_id)"},
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
    EXPECT_EQ(forbidden.error().error_msg, "Policy doesn't allow (the request was for the list of projects; "
                                           "allow that, or configure project_id)");
}

namespace json = boost::json;

const password_login plain{"account", "user", "hunter2", "cn-north-4", std::nullopt};

TEST(TokenRequest, AsksForAProjectByNameOrId) {
    password_login login = plain;
    const http::http_request by_name = make_token_request(login);
    EXPECT_EQ(by_name.method, "POST");
    EXPECT_EQ(by_name.target, "/v3/auth/tokens?nocatalog=true");
    EXPECT_EQ(by_name.headers, (http::header_list{{"Content-Type", "application/json;charset=utf8"}}));
    EXPECT_EQ(by_name.body,
              R"({"auth":{"identity":{"methods":["password"],"password":{"user":{"name":"user",)"
              R"("password":"hunter2","domain":{"name":"account"}}}},)"
              R"("scope":{"project":{"name":"cn-north-4"}}}})");

    login.project_id = "p1";
    EXPECT_NE(make_token_request(login).body.find(R"("scope":{"project":{"id":"p1"}}})"), std::string::npos);
}

TEST(TokenRequest, EscapesWhateverNamesHave) {
    for (const std::string& odd :
         {std::string(R"(a"b\c/d)"), std::string("tab\there"), std::string("\xE5\x8D\x8E\xE4\xB8\xBA"),
          std::string("{\"x\": 1}"), std::string("\x01\x1F\x7F"), std::string("nul\0inside", 10),
          std::string("\xF0\x9F\x94\x91"), std::string()}) {
        const http::http_request made = make_token_request({odd, odd, odd, odd, std::nullopt});
        json::error_code error;
        const json::value body = json::parse(made.body, error);
        ASSERT_FALSE(error) << made.body;
        const json::value& user = body.at("auth").at("identity").at("password").at("user");
        EXPECT_EQ(user.at("name").as_string(), odd);
        EXPECT_EQ(user.at("password").as_string(), odd);
        EXPECT_EQ(user.at("domain").at("name").as_string(), odd);
        EXPECT_EQ(body.at("auth").at("scope").at("project").at("name").as_string(), odd);
    }
}

http::http_response answer(int status, std::string body,
                           http::header_list headers = {{"X-Subject-Token", "MII"}}) {
    return {status, std::move(headers), std::move(body)};
}

TEST(IdTokenRequest, NamesTheProviderAndTheProject) {
    oidc_login login{"my-idp", "eyJ\"x", "ap-southeast-3", std::nullopt};
    const auto by_name = make_id_token_request(login);
    EXPECT_EQ(by_name.method, "POST");
    EXPECT_EQ(by_name.target, "/v3.0/OS-AUTH/id-token/tokens");
    EXPECT_EQ(http::find_header(by_name.headers, "X-Idp-Id"), "my-idp");
    EXPECT_EQ(by_name.body,
              R"({"auth":{"id_token":{"id":"eyJ\"x"},"scope":{"project":{"name":"ap-southeast-3"}}}})");
    login.project_id = "p1";
    EXPECT_EQ(make_id_token_request(login).body,
              R"({"auth":{"id_token":{"id":"eyJ\"x"},"scope":{"project":{"id":"p1"}}}})");
}

TEST(TemporaryKeysRequest, AsksForSixHours) {
    const auto asked = make_temporary_keys_request("MIIT");
    EXPECT_EQ(asked.method, "POST");
    EXPECT_EQ(asked.target, "/v3.0/OS-CREDENTIAL/securitytokens");
    EXPECT_EQ(
        asked.body,
        R"({"auth":{"identity":{"methods":["token"],"token":{"id":"MIIT","duration_seconds":21600}}}})");
}

TEST(TokenAnswer, ReadsTokenExpiryAndProject) {
    const auto read = decode_token_answer(
        answer(201, R"({"token": {"expires_at": "2020-01-04T09:05:22.701000Z", "methods": ["password"],
            "project": {"id": "p1", "name": "cn-north-4", "domain": {"id": "d"}}}})",
               {{"x-subject-token", "MIIabc"}}));
    ASSERT_TRUE(read);
    EXPECT_EQ(read->token, "MIIabc");
    ASSERT_TRUE(read->expires_at);
    EXPECT_EQ(to_rfc3339(*read->expires_at), "2020-01-04T09:05:22.701Z");
    EXPECT_EQ(read->project_id, "p1");
}

TEST(TokenAnswer, LeavesEmptyWhatIsNotThere) {
    for (const char* body : {"", "null", "[]", "{}", R"({"token": null})", R"({"token": {"expires_at": 7}})",
                             R"({"token": {"expires_at": "soon", "project": []}})"}) {
        const auto read = decode_token_answer(answer(201, body));
        ASSERT_TRUE(read) << body;
        EXPECT_FALSE(read->expires_at) << body;
        EXPECT_FALSE(read->project_id) << body;
    }
}

TEST(TokenAnswer, Failures) {
    EXPECT_EQ(
        decode_token_answer(answer(401, R"({"error": {"code": 401, "message": "wrong"}})")).error().result,
        poll_result::auth);
    EXPECT_EQ(decode_token_answer(answer(401, R"({"error": {"code": 401, "message": "wrong"}})"))
                  .error()
                  .error_code,
              "401");
    EXPECT_EQ(decode_token_answer(answer(503, "")).error().result, poll_result::http);
    EXPECT_EQ(decode_token_answer(answer(200, "{}")).error().result, poll_result::protocol);
    EXPECT_EQ(decode_token_answer(answer(201, "{}", {{"X-IAM-Trace-Id", "t"}})).error().request_id, "t");
}

// An object may contain secrets.
TEST(TokenAnswer, WithoutATokenShowsNoObject) {
    const auto said = [](const char* body) {
        return decode_token_answer(answer(201, body, {})).error().error_msg;
    };
    EXPECT_EQ(said(" {\"token\": \"hunter2\"}"), "IAM's answer has no X-Subject-Token");
    EXPECT_EQ(said("<html>"),
              "IAM's answer has no X-Subject-Token; it has no Content-Type and begins with \"<html>\"");
}

TEST(Rfc3339, ReadsWhatTheCloudWrites) {
    struct row {
        const char* text;
        const char* read; ///< empty: refused
    };
    const std::vector<row> table{
        {"2020-01-04T09:05:22.701000Z", "2020-01-04T09:05:22.701Z"},
        {"2020-01-04T09:05:22Z", "2020-01-04T09:05:22.000Z"},
        {"2020-01-04T09:05:22.7Z", "2020-01-04T09:05:22.700Z"},
        {"2020-01-04T09:05:22.123456789Z", "2020-01-04T09:05:22.123Z"},
        {"2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000Z"},
        {"2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000Z"},
        {"2023-02-29T00:00:00Z", ""},
        {"2020-13-01T00:00:00Z", ""},
        {"2020-01-04T24:00:00Z", ""},
        {"2020-01-04T09:05:22.Z", ""},
        {"2020-01-04T09:05:22.1234567890Z", ""},
        {"2020-01-04T09:05:22", ""},
        {"2020-01-04T09:05:22+00:00", "2020-01-04T09:05:22.000Z"},
        {"2020-01-04T17:05:22.701000+08:00", "2020-01-04T09:05:22.701Z"},
        {"2020-01-04 09:05:22Z", ""},
        {"2020-1-4T09:05:22Z", ""},
        {"2020-01-04T09:05:22Z ", ""},
        {"", ""},
    };
    for (const row& r : table) {
        const auto read = parse_rfc3339(r.text);
        EXPECT_EQ(read ? to_rfc3339(*read) : "", r.read) << r.text;
    }
}

} // namespace

} // namespace replmond::cloud
