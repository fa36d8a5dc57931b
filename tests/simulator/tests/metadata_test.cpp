#include "tests/simulator/signature.hpp"
#include "tests/simulator/tests/cloud_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace json = boost::json;

namespace replmond::simulator {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr auto metadata_scenario = R"(
metadata: {mode: token, key_lifetime: 100m, access: META, secret: hush}
projects: [{id: p, name: region}]
instances: [{id: i, tasks: [{name: task}]}]
)";

const std::string token_path = "/meta-data/latest/api/token";
const std::string key_path = "/openstack/latest/securitykey";
struct credential {
    std::string access;
    std::string secret;
    std::string security_token;
    std::string expires_at;
};

class SimulatorMetadata : public ::testing::Test {
protected:
    testing::script ask_token(const std::string& ttl = "21600") {
        cloud_.headers = {{"X-Metadata-Token-Ttl-Seconds", ttl}};
        return cloud_.ask("PUT", token_path);
    }

    testing::script ask_key(const std::string& token) {
        cloud_.headers.clear();
        if (!token.empty())
            cloud_.headers.emplace_back("X-Metadata-Token", token);
        return cloud_.ask("GET", key_path);
    }

    // As a client that does all of it.
    credential key() {
        const auto answer = ask_key(ask_token().body);
        EXPECT_EQ(answer.status, 200) << answer.body;
        const auto parsed = json::parse(answer.body);
        const auto text = [&](const char* name) {
            return std::string(parsed.at("credential").at(name).as_string());
        };
        return {text("access"), text("secret"), text("securitytoken"), text("expires_at")};
    }

    testing::script signed_ask(const credential& key, const std::string& target = list_path) {
        testing::request asked;
        asked.method = "GET";
        asked.target = target;
        asked.headers = {{"Host", "gaussdb.example.com"}, {"X-Sdk-Date", basic_time(cloud_.real)}};
        if (!key.security_token.empty())
            asked.headers.emplace_back("X-Security-Token", key.security_token);
        testing::split_target(asked);
        const auto canonical = canonical_request(asked, {"host", "x-sdk-date"});
        asked.headers.emplace_back("Authorization",
                                   "SDK-HMAC-SHA256 Access=" + key.access +
                                       ", SignedHeaders=host;x-sdk-date, Signature=" +
                                       sign(key.secret, basic_time(cloud_.real), canonical.value_or("")));
        return handle(cloud_.all, asked, cloud_.now, cloud_.real);
    }

    int control(const std::string& body) { return cloud_.ask("POST", "/_control/metadata", body).status; }

    cloud_under_test cloud_{metadata_scenario};
};

TEST_F(SimulatorMetadata, HandsOutAKeyThatTheApiAccepts) {
    const auto issued = key();
    EXPECT_EQ(issued.access, "META");
    EXPECT_EQ(issued.secret, "hush");
    EXPECT_GT(issued.security_token.size(), 500U);
    EXPECT_EQ(issued.expires_at, "2026-01-02T04:40:00.000000Z");
    EXPECT_EQ(signed_ask(issued).status, 200);
    EXPECT_EQ(cloud_.latest().at("caller"), "META");
    auto without_token = issued;
    without_token.security_token.clear();
    EXPECT_EQ(signed_ask(without_token).status, 401);
}

TEST_F(SimulatorMetadata, TheTimeToLiveIsChecked) {
    for (const char* ttl : {"1", "60", "21600"})
        EXPECT_EQ(ask_token(ttl).status, 200) << ttl;
    for (const char* ttl : {"", "0", "-1", "21601", "60s", " 60", "1e3", "99999999999999999999"})
        EXPECT_EQ(ask_token(ttl).status, 400) << ttl;
    cloud_.headers.clear();
    EXPECT_EQ(cloud_.ask("PUT", token_path).status, 400);
    EXPECT_THAT(std::string(cloud_.latest().at("note").as_string()), HasSubstr("Ttl-Seconds"));
}

TEST_F(SimulatorMetadata, ModeTokenWantsALiveToken) {
    EXPECT_EQ(ask_key("").status, 401);
    EXPECT_EQ(ask_key("wrong").status, 401);
    const auto token = ask_token("60").body;
    cloud_.now = 59'999ms;
    EXPECT_EQ(ask_key(token).status, 200);
    cloud_.now = 60s;
    EXPECT_EQ(ask_key(token).status, 401);
    EXPECT_EQ(cloud_.latest().at("note"), "unknown or expired X-Metadata-Token");

    const auto another = ask_token().body;
    EXPECT_NE(another, token);
    EXPECT_EQ(control(R"({"forget_tokens":true})"), 200);
    EXPECT_EQ(ask_key(another).status, 401);
}

TEST_F(SimulatorMetadata, ModePlainKnowsNoTokens) {
    EXPECT_EQ(control(R"({"mode":"plain"})"), 200);
    EXPECT_EQ(ask_token().status, 404);
    EXPECT_EQ(ask_key("").status, 200);
    EXPECT_EQ(ask_key("ignored").status, 200);
    EXPECT_EQ(control(R"({"plain_status":405})"), 200);
    EXPECT_EQ(ask_token().status, 405);
}

TEST_F(SimulatorMetadata, ModeBothDoesNotInsist) {
    EXPECT_EQ(control(R"({"mode":"both"})"), 200);
    EXPECT_EQ(ask_key("").status, 200);
    EXPECT_EQ(ask_key(ask_token().body).status, 200);
    EXPECT_EQ(ask_key("wrong").status, 401);
}

TEST_F(SimulatorMetadata, WithoutAnAgencyThereAreNoKeys) {
    EXPECT_EQ(control(R"({"agency":false})"), 200);
    auto answer = ask_key(ask_token().body);
    EXPECT_EQ(answer.status, 401);
    EXPECT_THAT(answer.body, HasSubstr("Please configure Cloud Service Agency first"));
    answer = ask_key("wrong"); // which comes first
    EXPECT_EQ(answer.status, 401);
    EXPECT_THAT(answer.body, Not(HasSubstr("Agency")));
    EXPECT_EQ(control(R"({"agency":true})"), 200);
    EXPECT_EQ(key().access, "META");
}

TEST_F(SimulatorMetadata, KeepsAKeyUntilATenthOfItsLifeIsLeft) {
    const auto first = key();
    cloud_.now = 90min - 1ms;
    EXPECT_EQ(key().access, "META");
    EXPECT_EQ(key().expires_at, first.expires_at);
    cloud_.now = 90min;
    cloud_.real += 90min;
    const auto second = key();
    EXPECT_EQ(second.access, "META2");
    EXPECT_EQ(second.secret, "hush2");
    EXPECT_NE(second.security_token, first.security_token);
    EXPECT_EQ(second.expires_at, "2026-01-02T06:10:00.000000Z");
    auto mixed = second;
    mixed.security_token = first.security_token;
    EXPECT_EQ(signed_ask(mixed).status, 401);

    EXPECT_EQ(signed_ask(first).status, 200); // until its end
    EXPECT_EQ(signed_ask(second).status, 200);
    cloud_.now = 100min;
    EXPECT_EQ(cloud_.outcome(signed_ask(first)), "401 APIGW.0301");
    EXPECT_EQ(cloud_.latest().at("note"), "the temporary key has expired");
    EXPECT_EQ(signed_ask(second).status, 200);
}

TEST_F(SimulatorMetadata, ControlRotatesAndRevokes) {
    const auto first = key();
    EXPECT_EQ(control(R"({"rotate":true,"key_lifetime_seconds":60})"), 200);
    const auto second = key();
    EXPECT_EQ(second.access, "META2");
    EXPECT_EQ(second.expires_at, "2026-01-02T03:01:00.000000Z");
    EXPECT_EQ(key().access, "META2");
    EXPECT_EQ(signed_ask(first).status, 200);

    EXPECT_EQ(control(R"({"revoke":true})"), 200);
    EXPECT_EQ(signed_ask(first).status, 401);
    EXPECT_EQ(signed_ask(second).status, 401);
    EXPECT_EQ(signed_ask(key()).status, 200);

    const auto state = cloud_.ask_json("GET", "/_control/state");
    EXPECT_EQ(state.at("keys").at(0).at("expired"), true);
    EXPECT_EQ(state.at("metadata").at("mode"), "token");
    EXPECT_EQ(state.at("metadata").at("current").at("access"), "META3");
    EXPECT_EQ(state.at("metadata").at("issued").as_array().size(), 3U);
}

TEST_F(SimulatorMetadata, ControlRefusesMistakes) {
    for (const char* body : {R"({"mode":"v2"})", R"({"plain_status":500})", R"({"key_lifetime_seconds":0})",
                             R"({"rotate":1})", R"({"other":true})", "[]"})
        EXPECT_EQ(control(body), 400) << body;
    cloud_under_test without("tokens: [t]\nprojects: [p]");
    EXPECT_EQ(without.ask("POST", "/_control/metadata", "{}").status, 400);
    EXPECT_EQ(without.ask("GET", key_path).status, 404);
    EXPECT_TRUE(without.ask_json("GET", "/_control/state").at("metadata").is_null());
}

TEST_F(SimulatorMetadata, WhatComesThroughAProxyIsGrave) {
    const auto token = ask_token().body;
    for (const char* header : {"Via", "x-forwarded-for", "Forwarded"}) {
        cloud_.headers = {{"X-Metadata-Token", token}, {header, "1.1 proxy"}};
        EXPECT_EQ(cloud_.ask("GET", key_path).status, 400) << header;
        EXPECT_EQ(cloud_.latest().at("grave"), true);
    }
    cloud_.headers = {{"X-Metadata-Token-Ttl-Seconds", "60"}};
    EXPECT_EQ(cloud_.ask("PUT", "http://169.254.169.254" + token_path).status, 400);
    const auto entry = cloud_.latest();
    EXPECT_EQ(entry.at("grave"), true);
    EXPECT_EQ(entry.at("operation"), "metadata_token");
    EXPECT_EQ(entry.at("note"), "came through a proxy: an absolute target");

    // Nothing else is known by an absolute target.
    EXPECT_EQ(cloud_.ask("GET", "http://gaussdb.example.com" + list_path).status, 404);
    EXPECT_FALSE(cloud_.latest().contains("grave"));
}

TEST_F(SimulatorMetadata, FaultsAndTheLogKnowTheOperations) {
    cloud_.ask("POST", "/_control/faults", R"({"operation":"metadata_token","status":503,"count":1})");
    cloud_.ask("POST", "/_control/faults", R"({"operation":"metadata_key","hang":true,"count":1})");
    EXPECT_EQ(ask_token().status, 503);
    const auto token = ask_token().body;
    EXPECT_EQ(ask_key(token).fault, testing::fault::hang_before_answer);
    EXPECT_EQ(cloud_.latest().at("operation"), "metadata_key");
    EXPECT_EQ(cloud_.latest().at("outcome"), "hang");
    EXPECT_EQ(ask_key(token).status, 200);
    EXPECT_EQ(cloud_.latest().at("operation"), "metadata_key");
    EXPECT_EQ(cloud_.latest().at("method"), "GET");
    EXPECT_FALSE(cloud_.latest().contains("note"));
}

TEST_F(SimulatorMetadata, ProjectsNeedAuthentication) {
    const std::string projects = "/v3/projects?name=region";
    cloud_.headers.clear();
    EXPECT_EQ(cloud_.outcome(cloud_.ask("GET", projects)), "401 APIGW.0301");
    EXPECT_EQ(cloud_.outcome(signed_ask({"NOBODY", "x", "", ""}, projects)), "401 APIGW.0301");
    const auto issued = key();
    EXPECT_EQ(cloud_.outcome(signed_ask({issued.access, "wrong", issued.security_token, ""}, projects)),
              "401 APIGW.0301");
    const auto answer = signed_ask(issued, projects);
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(json::parse(answer.body).at("projects").at(0).at("id"), "p");
}

TEST(SimulatorMetadataScenario, HasDefaults) {
    const auto read = read_scenario("metadata: {}\nprojects: [p]", "s.yaml");
    ASSERT_TRUE(read.access.metadata);
    EXPECT_EQ(read.access.metadata->mode, metadata_mode::both);
    EXPECT_EQ(read.access.metadata->plain_status, 404);
    EXPECT_EQ(read.access.metadata->key_lifetime, 24h);
    EXPECT_EQ(read.access.metadata->access, "METAACCESS");
}

TEST(SimulatorMetadataScenario, RefusesMistakes) {
    for (const char* text : {"{mode: v2}", "{plain_status: 500}", "{agency: maybe}", "{key_lifetime: 0s}",
                             "{access: ''}", "{tokens: 1}", "{access: A}"}) {
        const std::string scenario = "keys: [{access: AK, secret: SK}]\nprojects: [p]\nmetadata: ";
        EXPECT_THROW(read_scenario(scenario + text, "s.yaml"), scenario_error) << text;
    }
}

} // namespace
} // namespace replmond::simulator
