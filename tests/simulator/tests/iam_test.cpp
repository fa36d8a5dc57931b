#include "tests/simulator/tests/cloud_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace json = boost::json;

namespace replmond::simulator {
namespace {

using namespace std::chrono_literals;
using ::testing::MatchesRegex;

constexpr auto iam_scenario = R"(
tokens: [static]
users: [{domain: acme, name: robot, password: secret}]
password_lock: {after: 3, lasts: 10m}
token_lifetime: 1h
projects:
  - {id: p, name: region}
  - {id: q, name: region_sub}
  - {id: r, name: twice}
  - {id: s, name: twice}
instances: [{id: i, project: p, tasks: [{name: task}]}]
)";

class SimulatorIam : public ::testing::Test {
protected:
    static std::string body(const std::string& scope, const std::string& password = "secret",
                            const std::string& user = "robot") {
        return R"({"auth":{"identity":{"methods":["password"],"password":{"user":{"name":")" + user +
               R"(","password":")" + password + R"(","domain":{"name":"acme"}}}})" +
               (scope.empty() ? "" : R"(,"scope":)" + scope) + "}}";
    }

    testing::script ask_token(const std::string& text, const std::string& query = "?nocatalog=true") {
        cloud_.headers = {};
        return cloud_.ask("POST", "/v3/auth/tokens" + query, text);
    }

    static std::string header(const testing::script& answer, const std::string& name) {
        for (const auto& [key, value] : answer.headers) {
            if (key == name)
                return value;
        }
        return "none";
    }

    // A token for the project `p`, which the next requests use.
    std::string use_new_token() {
        const auto token = header(ask_token(body(R"({"project":{"id":"p"}})")), "X-Subject-Token");
        cloud_.headers = {{"X-Auth-Token", token}};
        return token;
    }

    testing::script list(const std::string& project = "p") {
        return cloud_.ask("GET", "/v3/" + project + "/instances/i/starrocks/databases/replication");
    }

    // `code text` of a refusal by the gateway.
    std::string refusal() {
        const auto answer = list();
        EXPECT_EQ(answer.status, 401);
        const auto parsed = json::parse(answer.body);
        return std::string(parsed.at("error_code").as_string()) + " " +
               std::string(parsed.at("error_msg").as_string());
    }

    int control(const std::string& path, const std::string& text) {
        return cloud_.ask("POST", "/_control/" + path, text).status;
    }

    cloud_under_test cloud_{iam_scenario};
};

TEST_F(SimulatorIam, IssuesATokenForAProject) {
    const auto answer = ask_token(body(R"({"project":{"name":"region"}})"));
    ASSERT_EQ(answer.status, 201);
    const auto token = json::parse(answer.body).at("token");
    EXPECT_EQ(token.at("expires_at"), "2026-01-02T04:00:00.000000Z");
    EXPECT_EQ(token.at("issued_at"), "2026-01-02T03:00:00.000000Z");
    EXPECT_EQ(token.at("methods"), json::array{"password"});
    EXPECT_EQ(token.at("project").at("id"), "p");
    EXPECT_EQ(token.at("project").at("name"), "region");
    EXPECT_EQ(token.at("project").at("domain").at("name"), "acme");
    EXPECT_EQ(token.at("user").at("name"), "robot");
    EXPECT_EQ(token.at("roles").at(0).at("name"), "te_admin");
    EXPECT_TRUE(token.at("catalog").as_array().empty());
    EXPECT_GT(header(answer, "X-Subject-Token").size(), 4000u);
    EXPECT_THAT(header(answer, "X-IAM-Trace-Id"), MatchesRegex("[0-9a-f]{32}"));
    EXPECT_EQ(header(answer, "X-Request-Id"), "none");

    cloud_.headers = {{"X-Auth-Token", header(answer, "X-Subject-Token")}};
    EXPECT_EQ(list().status, 200);
    EXPECT_EQ(cloud_.latest().at("caller"), "acme/robot");
    EXPECT_EQ(cloud_.outcome(list("q")), "403 DBS.280056"); // not its project
}

TEST_F(SimulatorIam, ScopesByProjectIdAndDomain) {
    const auto scope = [&](const std::string& given) {
        return json::parse(ask_token(body(given)).body).at("token").as_object();
    };
    EXPECT_EQ(scope(R"({"project":{"id":"q"}})").at("project").at("name"), "region_sub");
    EXPECT_EQ(scope(R"({"project":{"id":"q"},"domain":{"name":"acme"}})").at("project").at("id"), "q");
    for (const char* domain : {"", R"({"domain":{"name":"acme"}})", R"({"domain":{"id":"d"}})"}) {
        const auto token = scope(domain);
        EXPECT_FALSE(token.contains("project")) << domain;
        EXPECT_EQ(token.at("domain").at("name"), "acme") << domain;
    }
    const auto answer = ask_token(body(""));
    cloud_.headers = {{"X-Auth-Token", header(answer, "X-Subject-Token")}};
    EXPECT_EQ(cloud_.outcome(list()), "403 DBS.280056"); // of the whole domain: no good here
}

TEST_F(SimulatorIam, TheCatalogIsLong) {
    const auto answer = ask_token(body(""), "");
    EXPECT_GT(json::parse(answer.body).at("token").at("catalog").as_array().size(), 5u);
    EXPECT_EQ(json::parse(answer.body).at("token").at("catalog").at(0).at("endpoints").at(0).at("interface"),
              "public");
}

TEST_F(SimulatorIam, RefusesBadRequests) {
    for (const auto& text :
         {std::string(), std::string("{}"), std::string("[]"), body("[]"), body(R"({"project":{}})"),
          body(R"({"domain":{}})"), std::string(R"({"auth":{"identity":{"methods":["totp"]}}})")}) {
        const auto answer = ask_token(text);
        EXPECT_EQ(answer.status, 400) << text;
        EXPECT_EQ(json::parse(answer.body).at("error").at("code"), 400) << text;
    }
    const auto unknown = ask_token(body(R"({"project":{"name":"nowhere"}})"));
    EXPECT_EQ(unknown.status, 404);
    EXPECT_EQ(json::parse(unknown.body).at("error").at("code"), "IAM.0004");
}

TEST_F(SimulatorIam, WrongPasswordsLockTheUser) {
    const auto wrong = ask_token(body("", "guess"));
    EXPECT_EQ(wrong.status, 401);
    EXPECT_EQ(json::parse(wrong.body), json::parse(R"({"error":{"code":401,
        "message":"The username or password is wrong.","title":"Unauthorized"}})"));
    EXPECT_EQ(ask_token(body("", "guess")).status, 401);
    EXPECT_EQ(ask_token(body("")).status, 201); // in time
    for (int i = 0; i < 3; ++i)
        EXPECT_EQ(ask_token(body("", "guess")).status, 401);
    const auto locked = ask_token(body(""));
    EXPECT_EQ(locked.status, 401);
    EXPECT_EQ(json::parse(locked.body).at("error").at("code"), "IAM.0061");
    const auto state = cloud_.ask_json("GET", "/_control/state").at("users").at(0);
    EXPECT_EQ(state.at("locked"), true);
    EXPECT_EQ(state.at("refused"), 6);
    cloud_.now = 10min;
    EXPECT_EQ(ask_token(body("")).status, 201);

    EXPECT_EQ(ask_token(body("", "secret", "nobody")).status, 401);
    EXPECT_FALSE(cloud_.latest().contains("body")); // it has a password in it
}

TEST_F(SimulatorIam, ControlChangesUsers) {
    EXPECT_EQ(control("users", R"({"domain":"acme","name":"robot","password":"new"})"), 200);
    for (int i = 0; i < 3; ++i)
        EXPECT_EQ(ask_token(body("")).status, 401);
    EXPECT_EQ(ask_token(body("", "new")).status, 401); // locked
    EXPECT_EQ(control("users", R"({"domain":"acme","name":"robot","unlock":true})"), 200);
    EXPECT_EQ(ask_token(body("", "new")).status, 201);
    EXPECT_EQ(control("users", R"({"domain":"acme","name":"nobody"})"), 400);
    EXPECT_EQ(control("users", R"({"domain":"acme","name":"robot","lock":true})"), 400);
}

TEST_F(SimulatorIam, TokensDie) {
    use_new_token();
    cloud_.now = 1h - 1ms;
    EXPECT_EQ(list().status, 200);
    cloud_.now = 1h;
    EXPECT_EQ(refusal(), "APIGW.0301 Incorrect IAM authentication information: token expires, "
                         "expires_at:2026-01-02T04:00:00.000000Z");
    EXPECT_EQ(control("tokens", R"({"lifetime_seconds":5})"), 200);
    use_new_token();
    EXPECT_EQ(list().status, 200);
    cloud_.now += 5s;
    EXPECT_EQ(list().status, 401);
    cloud_.headers = {{"X-Auth-Token", "static"}};
    EXPECT_EQ(list().status, 200); // lives for ever
}

TEST_F(SimulatorIam, TokensAreRevoked) {
    const std::string updated = "APIGW.0307 The token must be updated";
    const std::string unreadable = "APIGW.0301 Incorrect IAM authentication information: decrypt token fail";
    const auto first = use_new_token();
    const auto second = use_new_token();
    EXPECT_NE(first, second);
    cloud_.headers = {{"X-Auth-Token", first}};
    EXPECT_EQ(list().status, 200); // a new one does not end the old one
    EXPECT_EQ(control("tokens", R"({"revoke":")" + first + R"("})"), 200);
    EXPECT_EQ(refusal(), updated);
    cloud_.headers = {{"X-Auth-Token", second}};
    EXPECT_EQ(list().status, 200);
    EXPECT_EQ(control("tokens", R"({"revoke":"issued","as":"APIGW.0301"})"), 200);
    EXPECT_EQ(refusal(), unreadable);
    cloud_.headers = {{"X-Auth-Token", "static"}};
    EXPECT_EQ(list().status, 200);
    EXPECT_EQ(control("tokens", R"({"revoke":"all","add":"another"})"), 200);
    EXPECT_EQ(refusal(), updated);
    cloud_.headers = {{"X-Auth-Token", "another"}};
    EXPECT_EQ(list().status, 200);
    use_new_token();
    EXPECT_EQ(list().status, 200);
    EXPECT_EQ(cloud_.ask_json("GET", "/_control/state").at("tokens").as_array().size(), 5u);

    EXPECT_EQ(control("tokens", R"({"revoke":"unknown"})"), 400);
    EXPECT_EQ(control("tokens", R"({"revoke":"all","as":"x"})"), 400);
    EXPECT_EQ(control("tokens", R"({"revoked":"all"})"), 400);
}

TEST_F(SimulatorIam, ListsProjectsByName) {
    const auto ids = [&](const std::string& query) {
        std::string found;
        const auto answer = cloud_.ask_json("GET", "/v3/projects" + query);
        for (const auto& project : answer.at("projects").as_array())
            found += std::string(project.at("id").as_string());
        return found;
    };
    cloud_.headers = {{"X-Auth-Token", "static"}};
    EXPECT_EQ(ids("?name=region"), "p");
    EXPECT_EQ(ids("?name=nowhere"), "");
    EXPECT_EQ(ids("?name=twice"), "rs");
    EXPECT_EQ(ids(""), "pqrs");
    const auto answer = cloud_.ask("GET", "/v3/projects?name=region");
    EXPECT_EQ(json::parse(answer.body).at("projects").at(0).at("name"), "region");
    EXPECT_NE(header(answer, "X-IAM-Trace-Id"), "none");
    cloud_.headers = {};
    EXPECT_EQ(cloud_.outcome(cloud_.ask("GET", "/v3/projects?name=region")), "401 APIGW.0301");
}

} // namespace
} // namespace replmond::simulator
