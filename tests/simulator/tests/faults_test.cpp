#include "tests/simulator/fault_bodies.hpp"
#include "tests/simulator/tests/cloud_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace json = boost::json;

namespace replmond::simulator {
namespace {

using replmond::testing::fault;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr auto faults_scenario = R"(
tokens: [t]
users: [{domain: d, name: n, password: p}]
projects: [p]
instances: [{id: i, tasks: [{name: task}]}, {id: j, tasks: []}]
taurusdb: [{id: tdb, htap: [i]}]
)";

class SimulatorFaults : public ::testing::Test {
protected:
    std::string post(const std::string& rule) {
        const auto answer = cloud_.ask("POST", "/_control/faults", rule);
        const auto parsed = json::parse(answer.body).as_object();
        const auto* error = parsed.if_contains("error");
        return std::to_string(answer.status) + (error ? " " + std::string(error->as_string()) : "");
    }

    // The list's answer under a rule.
    testing::script list_with(const std::string& rule) {
        EXPECT_EQ(post(rule), "200") << rule;
        auto answer = cloud_.ask("GET", list_path);
        cloud_.ask("DELETE", "/_control/faults");
        return answer;
    }

    int status_of(const std::string& method, const std::string& target) {
        return cloud_.ask(method, target, "{}").status;
    }

    static std::string header(const testing::script& answer, const std::string& name) {
        for (const auto& [key, value] : answer.headers) {
            if (key == name)
                return value;
        }
        return "none";
    }

    cloud_under_test cloud_{faults_scenario};
};

TEST_F(SimulatorFaults, AnErrorComesInEveryForm) {
    const std::string told = R"("error_code":"DBS.1","error_msg":"no")";
    const std::vector<std::pair<std::string, std::string>> table{
        {"service", R"({"error_code":"DBS.1","error_msg":"no"})"},
        {"camel", R"({"errorCode":"DBS.1","errorMsg":"no"})"},
        {"code", R"({"code":"DBS.1","message":"no"})"},
        {"nested", R"({"error":{"message":"no","title":"Error","code":"DBS.1"}})"},
        {"details",
         R"({"details":[{"error_code":"DBS.1","error_msg":"no"},{"error_code":"DBS.000000","error_msg":"and another one"}]})"},
        {"text", "no"},
        {"empty", ""},
    };
    for (const auto& [name, body] : table) {
        const auto answer = list_with(R"({"status":503,"answer":")" + name + "\"," + told + "}");
        EXPECT_EQ(answer.status, 503) << name;
        EXPECT_EQ(answer.body, body) << name;
    }
    const auto gateway = json::parse(list_with(R"({"status":403,"answer":"gateway",)" + told + "}").body);
    EXPECT_EQ(gateway.at("request_id"), cloud_.latest().at("request_id"));
    EXPECT_TRUE(gateway.as_object().contains("encoded_authorization_message"));
    EXPECT_THAT(list_with(R"({"status":502,"answer":"html","error_msg":"no"})").body, StartsWith("<html>"));
    const auto number = json::parse(list_with(R"({"status":401,"answer":"nested","error_code":401})").body);
    EXPECT_EQ(number.at("error").at("code"), 401);
    EXPECT_EQ(list_with(R"({"answer":"service"})").status, 500);
    EXPECT_EQ(cloud_.outcome(list_with(R"({"status":409,"error_code":"DBS.200019"})")), "409 DBS.200019");
}

TEST_F(SimulatorFaults, AListThatIsNone) {
    boost::system::error_code ec;
    for (const char* name : {"garbage", "empty", "bad_utf8", "truncated", "deep"}) {
        const auto answer = list_with(std::string(R"({"answer":")") + name + "\"}");
        EXPECT_EQ(answer.status, 200) << name;
        json::parse(answer.body, ec);
        EXPECT_TRUE(ec) << name;
    }
    EXPECT_TRUE(json::parse(list_with(R"({"answer":"null_list"})").body).at("replications").is_null());
    EXPECT_EQ(list_with(R"({"answer":"no_list"})").body, "{}");
    EXPECT_EQ(list_with(R"({"answer":"array"})").body, "[]");
    EXPECT_EQ(list_with(R"({"answer":"oversize"})").body.size(), 20'000'000u);
    const auto small = list_with(R"({"answer":"oversize","bytes":100})").body;
    EXPECT_EQ(small.size(), 100u);
    EXPECT_EQ(json::parse(small).at("total_count"), "0");
}

TEST_F(SimulatorFaults, HeadersAndStatuses) {
    const auto moved = list_with(R"({"status":302,"location":"http://127.0.0.1:1/x"})");
    EXPECT_EQ(moved.status, 302);
    EXPECT_EQ(header(moved, "Location"), "http://127.0.0.1:1/x");
    EXPECT_EQ(list_with(R"({"status":204})").body, "");
    EXPECT_EQ(header(list_with(R"({"status":429})"), "Retry-After"), "none");
    EXPECT_EQ(header(list_with(R"({"status":429,"retry_after":"30"})"), "Retry-After"), "30");
    EXPECT_EQ(header(list_with(R"({"status":429,"retry_after_date":90})"), "Retry-After"),
              "Fri, 02 Jan 2026 03:01:30 GMT");
}

TEST_F(SimulatorFaults, EncodingsAndLengths) {
    const std::string whole = cloud_.ask("GET", list_path).body;
    const auto length = [&](const std::string& rule) { return header(list_with(rule), "Content-Length"); };
    EXPECT_EQ(length(R"({"content_length_add":10})"), std::to_string(whole.size() + 10));
    EXPECT_EQ(length(R"({"content_length_add":-5})"), std::to_string(whole.size() - 5));
    EXPECT_EQ(length(R"({"content_length_add":-100000})"), "0");

    const auto chunked = list_with(R"({"chunked":"good"})");
    EXPECT_EQ(header(chunked, "Transfer-Encoding"), "chunked");
    EXPECT_THAT(chunked.body, ::testing::EndsWith("\r\n0\r\n\r\n"));
    EXPECT_THAT(chunked.body, HasSubstr(whole));
    EXPECT_THAT(list_with(R"({"chunked":"garbage"})").body, StartsWith("ZZ"));

    const auto zipped = list_with(R"({"gzip":true})");
    EXPECT_EQ(header(zipped, "Content-Encoding"), "gzip");
    EXPECT_THAT(zipped.body, HasSubstr(whole));
    // The end of a gzip file is the CRC-32 and the size of what is in it.
    EXPECT_EQ(as_gzip("123456789").substr(10), std::string("\x01\x09\x00\xF6\xFF", 5) + "123456789" +
                                                   std::string("\x26\x39\xF4\xCB\x09\x00\x00\x00", 8));
    EXPECT_EQ(as_gzip(std::string(70'000, 'x')).size(), 70'000u + 10 + 5 + 5 + 8);
}

TEST_F(SimulatorFaults, ConnectionsBreakAnywhere) {
    struct expectation {
        const char* rule;
        testing::fault fault;
        bool in_body;
        const char* outcome;
    };
    const std::size_t half = (cloud_.ask("GET", list_path).body.size() + 1) / 2;
    for (const auto& [rule, kind, in_body, outcome] :
         std::vector<expectation>{{R"({"reset_at":"answer"})", fault::reset_before_answer, false, "reset"},
                                  {R"({"reset_at":"header"})", fault::reset_after, false, "reset_after"},
                                  {R"({"reset_at":"body"})", fault::reset_after, true, "reset_after"},
                                  {R"({"cut_at":"answer"})", fault::close_before_answer, false, "close"},
                                  {R"({"cut_at":"header"})", fault::cut_after, false, "cut"},
                                  {R"({"cut_at":"body"})", fault::cut_after, true, "cut"}}) {
        const auto answer = list_with(rule);
        EXPECT_EQ(answer.fault, kind) << rule;
        EXPECT_TRUE(answer.cut_in_body) << rule;
        EXPECT_EQ(answer.cut_at, in_body ? half : 0) << rule;
        EXPECT_EQ(cloud_.latest().at("outcome"), outcome) << rule;
    }
}

TEST_F(SimulatorFaults, FitOperations) {
    EXPECT_EQ(post(R"({"operation":"token","status":503})"), "200");
    EXPECT_EQ(status_of("POST", "/v3/auth/tokens"), 503);
    EXPECT_EQ(status_of("GET", list_path), 200);
    EXPECT_EQ(post(R"({"operation":"delete","instance":"i","status":500,"count":1})"), "200");
    EXPECT_EQ(status_of("DELETE", "/v3/p/instances/j/starrocks/databases/replication"), 400);
    EXPECT_EQ(status_of("DELETE", list_path), 500);
    EXPECT_EQ(status_of("DELETE", list_path), 400);
    EXPECT_EQ(post(R"({"operation":"htap","instance":"tdb","status":500})"), "200");
    EXPECT_EQ(status_of("GET", "/v3/p/instances/tdb/htap"), 500);
    const std::vector<std::pair<std::string, std::string>> table{
        {"projects", "/v3/projects"},
        {"instances", "/v3/p/instances"},
        {"jobs", "/v3/p/jobs?id=x"},
        {"configuration", list_path + "/configuration"},
        {"databases", "/v3/p/instances/i/starrocks/databases"},
        {"nodes", "/v3/p/instances/i/starrocks/nodes"},
        {"none", "/v3/elsewhere"},
    };
    for (const auto& [operation, target] : table) {
        EXPECT_EQ(post(R"({"operation":")" + operation + R"(","status":599})"), "200") << operation;
        EXPECT_EQ(status_of("GET", target), 599) << operation;
        EXPECT_EQ(cloud_.latest().at("operation"), json::value(operation));
    }
    EXPECT_EQ(status_of("GET", list_path), 200);
    const auto shown = cloud_.ask_json("GET", "/_control/state").at("faults").at(0);
    EXPECT_EQ(shown, json::parse(R"({"operation":"token","status":503,"instance":"*"})"));
}

TEST_F(SimulatorFaults, RefusesWrongRules) {
    EXPECT_EQ(post(R"({"operation":"lists"})"), "400 'operation' is none of the cloud's: lists");
    EXPECT_THAT(post(R"({"answer":"xml"})"), StartsWith("400 'answer' must be service, gateway,"));
    EXPECT_EQ(post(R"({"chunked":"yes"})"), "400 'chunked' must be good or garbage");
    EXPECT_EQ(post(R"({"cut_at":"end"})"), "400 'cut_at' and 'reset_at' must be answer, header or body");
    EXPECT_EQ(post(R"({"reset_at":"end"})"), "400 'cut_at' and 'reset_at' must be answer, header or body");
    EXPECT_EQ(post(R"({"instance":"nobody"})"), "400 no instance has the id 'nobody'");
    EXPECT_EQ(status_of("GET", list_path), 200);
}

TEST_F(SimulatorFaults, WhatNeverArrivesNeedsNoCredentials) {
    EXPECT_EQ(post(R"({"status":503,"count":1})"), "200");
    cloud_.headers = {};
    EXPECT_EQ(status_of("GET", list_path), 503); // the gateway is down before it looks
    EXPECT_EQ(status_of("GET", list_path), 401);
}

} // namespace
} // namespace replmond::simulator
