#include "tests/simulator/tests/cloud_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

// Credentials without keys: a pod's identity and identity providers.

namespace json = boost::json;

namespace replmond::simulator {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

constexpr auto identity_scenario = R"(
pod_identity: {token: pod-secret, key_lifetime: 100m, access: POD, secret: hush}
identity_providers: [{id: idp, id_token: eyJ.good}]
projects: [{id: p, name: region}]
instances: [{id: i, tasks: [{name: task}]}]
)";

const std::string exchange_path = "/v3.0/OS-AUTH/id-token/tokens";
const std::string keys_path = "/v3.0/OS-CREDENTIAL/securitytokens";

class SimulatorIdentity : public ::testing::Test {
protected:
    testing::script ask_pod(const std::string& token, const std::string& body = "{}",
                            const std::string& type = "application/json") {
        cloud_.headers = {{"Authorization", token}, {"Content-Type", type}};
        return cloud_.ask("POST", "/v1/credentials", body);
    }

    testing::script exchange(const std::string& provider, const std::string& body) {
        cloud_.headers = {{"X-Idp-Id", provider}};
        return cloud_.ask("POST", exchange_path, body);
    }

    // IAM's token for the good id token.
    std::string token(const std::string& scope = R"(,"scope":{"project":{"name":"region"}})") {
        const auto answer = exchange("idp", R"({"auth":{"id_token":{"id":"eyJ.good"})" + scope + "}}");
        EXPECT_EQ(answer.status, 201) << answer.body;
        for (const auto& [name, value] : answer.headers) {
            if (name == "X-Subject-Token")
                return value;
        }
        return "";
    }

    testing::script ask_keys(const std::string& token, const std::string& seconds = "21600") {
        cloud_.headers.clear();
        return cloud_.ask("POST", keys_path,
                          R"({"auth":{"identity":{"methods":["token"],"token":{"id":")" + token +
                              R"(","duration_seconds":)" + seconds + "}}}}");
    }

    std::string list_with(const json::object& key, const char* id, const char* secret,
                          const char* security_token) {
        testing::request asked;
        asked.method = "GET";
        asked.target = list_path;
        asked.headers = {{"Host", "gaussdb.example.com"},
                         {"X-Sdk-Date", basic_time(cloud_.real)},
                         {"X-Security-Token", std::string(key.at(security_token).as_string())}};
        testing::split_target(asked);
        const auto canonical = canonical_request(asked, {"host", "x-sdk-date"});
        asked.headers.emplace_back("Authorization",
                                   "SDK-HMAC-SHA256 Access=" + std::string(key.at(id).as_string()) +
                                       ", SignedHeaders=host;x-sdk-date, Signature=" +
                                       sign(std::string(key.at(secret).as_string()), basic_time(cloud_.real),
                                            canonical.value_or("")));
        return cloud_.outcome(handle(cloud_.all, asked, cloud_.now, cloud_.real));
    }

    cloud_under_test cloud_{identity_scenario};
};

TEST_F(SimulatorIdentity, APodGetsKeysForItsToken) {
    const auto answer = ask_pod("pod-secret");
    ASSERT_EQ(answer.status, 200) << answer.body;
    const auto key = json::parse(answer.body).at("credentials").as_object();
    EXPECT_EQ(key.at("accessKeyId"), "POD");
    EXPECT_EQ(key.at("expiration"), "2026-01-02T04:40:00.000000Z");
    EXPECT_EQ(list_with(key, "accessKeyId", "secretAccessKey", "securityToken"), "200");
    cloud_.now = 100min;
    EXPECT_EQ(list_with(key, "accessKeyId", "secretAccessKey", "securityToken"), "401 APIGW.0301");
    EXPECT_EQ(json::parse(ask_pod("pod-secret").body).at("credentials").at("accessKeyId"), "POD2");
}

TEST_F(SimulatorIdentity, APodMustAskAsDocumented) {
    EXPECT_EQ(ask_pod("Bearer pod-secret").status, 401);
    EXPECT_EQ(ask_pod("other").status, 401);
    EXPECT_EQ(cloud_.latest().at("note"), "Authorization is not the token of the pod");
    EXPECT_EQ(ask_pod("pod-secret", "").status, 400);
    EXPECT_EQ(ask_pod("pod-secret", "[]").status, 400);
    EXPECT_EQ(ask_pod("pod-secret", "{}", "text/plain").status, 400);
    cloud_.headers = {
        {"Authorization", "pod-secret"}, {"Content-Type", "application/json"}, {"Via", "1.1 proxy"}};
    EXPECT_EQ(cloud_.ask("POST", "/v1/credentials", "{}").status, 400);
    EXPECT_TRUE(cloud_.latest().at("grave").as_bool());
    EXPECT_EQ(cloud_.ask("POST", "/_control/pod_identity", R"({"token":"new"})").status, 200);
    EXPECT_EQ(ask_pod("pod-secret").status, 401);
    EXPECT_EQ(ask_pod("new").status, 200);
    cloud_under_test without("tokens: [t]\nprojects: [p]\n");
    EXPECT_EQ(without.ask("POST", "/v1/credentials", "{}").status, 404);
    EXPECT_EQ(without.ask("POST", "/_control/pod_identity", "{}").status, 400);
}

TEST_F(SimulatorIdentity, AnIdTokenBecomesATokenAndThatBecomesKeys) {
    const auto answer = ask_keys(token());
    ASSERT_EQ(answer.status, 201) << answer.body;
    const auto key = json::parse(answer.body).at("credential").as_object();
    EXPECT_EQ(key.at("access"), "IDPACCESS");
    EXPECT_EQ(key.at("expires_at"), "2026-01-02T09:00:00.000000Z");
    EXPECT_EQ(list_with(key, "access", "secret", "securitytoken"), "200");
    EXPECT_EQ(cloud_.ask("POST", "/_control/identity_providers", R"({"id":"idp","revoke":true})").status,
              200);
    EXPECT_EQ(list_with(key, "access", "secret", "securitytoken"), "401 APIGW.0301");
    EXPECT_NE(token(""), "") << "without a scope";
}

TEST_F(SimulatorIdentity, RefusesOtherIdTokensAndProviders) {
    const std::string good = R"({"auth":{"id_token":{"id":"eyJ.good"}}})";
    EXPECT_EQ(exchange("idp", R"({"auth":{"id_token":{"id":"eyJ.bad"}}})").status, 401);
    EXPECT_EQ(exchange("other", good).status, 404);
    EXPECT_EQ(exchange("", good).status, 404);
    for (const char* bad : {"", "{}", R"({"auth":{"id_token":"eyJ.good"}})",
                            R"({"auth":{"id_token":{"id":"eyJ.good"},"scope":{}}})"})
        EXPECT_EQ(exchange("idp", bad).status, 400) << bad;
    EXPECT_EQ(
        exchange("idp", R"({"auth":{"id_token":{"id":"eyJ.good"},"scope":{"project":{"name":"x"}}}})").status,
        404);
    EXPECT_EQ(
        cloud_.ask("POST", "/_control/identity_providers", R"({"id":"idp","id_token":"eyJ.next"})").status,
        200);
    EXPECT_EQ(exchange("idp", good).status, 401);
    EXPECT_EQ(cloud_.ask("POST", "/_control/identity_providers", R"({"id":"none"})").status, 400);
}

TEST_F(SimulatorIdentity, KeysNeedALiveTokenAndAPossibleLife) {
    const auto good = token();
    EXPECT_EQ(ask_keys("unknown").status, 401);
    for (const char* seconds : {"899", "86401", "\"21600\"", "1.5", "null"})
        EXPECT_EQ(ask_keys(good, seconds).status, 400) << seconds;
    EXPECT_EQ(ask_keys(good, "900").status, 201);
    cloud_.ask("POST", "/_control/tokens", R"({"revoke":"issued"})");
    EXPECT_EQ(ask_keys(good).status, 401);
    EXPECT_EQ(cloud_.ask("POST", keys_path, R"({"auth":{"identity":{"methods":["password"]}}})").status, 400);
}

} // namespace
} // namespace replmond::simulator
