#include "tests/simulator/tests/cloud_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace json = boost::json;

namespace replmond::simulator {
namespace {

using replmond::testing::fault;

constexpr auto control_scenario = R"(
tokens: [t]
projects: [p]
instances:
  - {id: i, tasks: [{name: copy, timeline: [{stage: full, for: 100s}]}, {name: 任务}]}
  - {id: j, tasks: [{name: other, defined: true}]}
)";

class SimulatorControl : public ::testing::Test {
protected:
    testing::script list(const std::string& instance = "i") {
        return cloud_.ask("GET", "/v3/p/instances/" + instance + "/starrocks/databases/replication?limit=50");
    }

    json::value record(std::size_t i) { return json::parse(list().body).at("replications").at(i); }

    // The status of an order, with its error text where it was refused.
    std::string post(const std::string& path, const std::string& body) {
        const auto answer = cloud_.ask("POST", "/_control/" + path, body);
        const auto parsed = json::parse(answer.body).as_object();
        const auto* error = parsed.if_contains("error");
        return std::to_string(answer.status) + (error ? " " + std::string(error->as_string()) : "");
    }

    cloud_under_test cloud_{control_scenario};
};

TEST_F(SimulatorControl, ShowsTheState) {
    cloud_.headers = {}; // control needs no token
    cloud_.now = std::chrono::milliseconds(25'500);
    const auto state = cloud_.ask_json("GET", "/_control/state");
    EXPECT_EQ(state.at("now"), 25.5);
    const auto& first = state.at("instances").at(0);
    EXPECT_EQ(first.at("id"), "i");
    EXPECT_EQ(first.at("tasks").at(0), json::parse(R"({"task_name":"copy","source_database":"copy",
        "target_database":"copy","main":true,"stage":"full","status":"Yes","percentage":25.5,"need_repair":false})"));
    EXPECT_EQ(first.at("tasks").at(1).at("task_name"), "任务");
}

TEST_F(SimulatorControl, AnswersLoopbackClientsOnly) {
    cloud_.peer = "192.0.2.1";
    EXPECT_EQ(cloud_.ask("GET", "/_control/state").status, 403);
    cloud_.peer = "::1";
    EXPECT_EQ(cloud_.ask("GET", "/_control/state").status, 200);
}

TEST_F(SimulatorControl, AdvancesTheClock) {
    EXPECT_EQ(cloud_.ask_json("POST", "/_control/advance", R"({"seconds":12.5})").at("now"), 12.5);
    EXPECT_EQ(record(0).at("percentage"), "12.5");
    EXPECT_EQ(post("advance", R"({"seconds":-1})"), "400 'seconds' must be a number from 0 to 1e9");
    EXPECT_EQ(post("advance", R"({})"), "400 'seconds' must be a number from 0 to 1e9");
}

TEST_F(SimulatorControl, SetsAndClearsFields) {
    EXPECT_EQ(
        post("tasks",
             R"({"instance":"i","task_name":"任务","set":{"stage":"paused","status":"No","percentage":1.5,
        "main":false,"need_repair":true,"catchup_stage":"wait","catchup_percentage":3,"source_database":"s"}})"),
        "200");
    auto changed = record(1);
    EXPECT_EQ(changed.at("stage"), "Paused");
    EXPECT_EQ(changed.at("status"), "No");
    EXPECT_EQ(changed.at("percentage"), "1.5");
    EXPECT_EQ(changed.at("is_main_task"), "false");
    EXPECT_EQ(changed.at("is_need_repair"), "true");
    EXPECT_EQ(changed.at("catchup_stage"), "Wait");
    EXPECT_EQ(changed.at("source_database"), "s");

    EXPECT_EQ(post("tasks", R"({"instance":"i","task_name":"任务","set":{"stage":null,"status":"Yes"}})"),
              "200");
    changed = record(1);
    EXPECT_EQ(changed.at("stage"), "Incremental");
    EXPECT_EQ(changed.at("status"), "Yes");
    EXPECT_EQ(changed.at("percentage"), "1.5"); // not mentioned, not changed

    EXPECT_EQ(post("tasks", R"({"instance":"i","task_name":"任务","reset":true})"), "200");
    EXPECT_EQ(record(1).at("percentage"), "100");
}

TEST_F(SimulatorControl, LaysRawFieldsOverTheRecord) {
    EXPECT_EQ(post("tasks",
                   R"({"instance":"i","task_name":"copy","set":{"raw":{"percentage":"abc","stage":null}}})"),
              "200");
    EXPECT_EQ(record(0).at("percentage"), "abc");
    EXPECT_TRUE(record(0).at("stage").is_null());
    EXPECT_EQ(post("tasks", R"({"instance":"i","task_name":"copy","set":{"raw":null}})"), "200");
    EXPECT_EQ(record(0).at("percentage"), "0");
}

TEST_F(SimulatorControl, RemovesAndAddsTasks) {
    EXPECT_EQ(post("tasks", R"({"instance":"i","task_name":"copy","remove":true})"), "200");
    EXPECT_EQ(record(0).at("task_name"), "任务");
    EXPECT_EQ(post("tasks", R"({"instance":"i","task_name":"copy","add":true})"), "200");
    EXPECT_EQ(record(0).at("task_name"), "copy");
    EXPECT_EQ(post("tasks", R"({"instance":"i","task_name":"new","add":true,"set":{"stage":"wait"}})"),
              "200");
    EXPECT_EQ(record(2).at("task_name"), "new");
    EXPECT_EQ(record(2).at("stage"), "Wait");
}

TEST_F(SimulatorControl, RefusesMistakesAndChangesNothing) {
    EXPECT_EQ(post("tasks", R"({"instance":"k","task_name":"copy"})"), "400 no instance has the id 'k'");
    EXPECT_EQ(post("tasks", R"({"instance":"i","task_name":"x"})"), "400 the instance has no task 'x'");
    EXPECT_EQ(post("tasks", R"({"instance":"i","add":true})"), "400 the instance has no task ''");
    EXPECT_EQ(post("tasks", R"({"instance":"i","task_name":"copy","sets":{}})"), "400 unknown field 'sets'");
    EXPECT_EQ(post("tasks", R"({"instance":"i","task_name":"copy","set":[]})"),
              "400 'set' must be an object");
    EXPECT_EQ(
        post("tasks", R"({"instance":"i","task_name":"copy","set":{"stage":"paused","percentage":"x"}})"),
        "400 'percentage' must be a number");
    EXPECT_EQ(post("tasks", R"({"instance":"i","task_name":"y","add":true,"set":{"stages":1}})"),
              "400 unknown field 'stages'");
    EXPECT_EQ(post("tasks", "[]"), "400 the body must be a JSON object");
    EXPECT_EQ(post("tasks", "{"), "400 the body must be a JSON object");
    EXPECT_EQ(post("nothing", "{}"), "404 no such path");
    EXPECT_EQ(post("state", "{}"), "405 method not allowed");
    EXPECT_EQ(record(0).at("stage"), "Full");
    EXPECT_EQ(json::parse(list().body).at("total_count"), "2");
}

TEST_F(SimulatorControl, AFaultCountsDown) {
    EXPECT_EQ(post("faults", R"({"instance":"i","status":503,"count":2})"), "200");
    EXPECT_EQ(list("j").status, 200);
    EXPECT_EQ(list().status, 503);
    EXPECT_EQ(list().status, 503);
    EXPECT_EQ(list().status, 200);
}

TEST_F(SimulatorControl, AFaultForAllLastsUntilDeleted) {
    EXPECT_EQ(post("faults", R"({"instance":"*","status":429,"retry_after":7})"), "200");
    for (const char* instance : {"i", "j", "i"}) {
        const auto answer = list(instance);
        EXPECT_EQ(answer.status, 429);
        EXPECT_EQ(json::parse(answer.body).at("error_code"), "APIGW.0308");
        EXPECT_THAT(answer.headers, ::testing::Contains(testing::field("Retry-After", "7")));
        EXPECT_THAT(answer.headers,
                    ::testing::Contains(::testing::Field(&testing::field::first, "X-Request-Id")));
    }
    EXPECT_EQ(cloud_.ask_json("GET", "/_control/state").at("faults").at(0).at("status"), 429);
    EXPECT_EQ(cloud_.ask("DELETE", "/_control/faults").status, 200);
    EXPECT_EQ(list().status, 200);
}

TEST_F(SimulatorControl, FaultsBecomeScripts) {
    const auto with = [&](const std::string& rule) {
        EXPECT_EQ(post("faults", rule), "200");
        auto answer = list();
        cloud_.ask("DELETE", "/_control/faults");
        return answer;
    };
    EXPECT_EQ(with(R"({"hang":true})").fault, fault::hang_before_answer);
    EXPECT_EQ(with(R"({"reset":true})").fault, fault::reset_before_answer);
    const auto cut = with(R"({"cut":40})");
    EXPECT_EQ(cut.fault, fault::cut_after);
    EXPECT_EQ(cut.cut_at, 40u);
    EXPECT_EQ(cut.status, 200);
    const auto delayed = with(R"({"delay_ms":250})");
    EXPECT_EQ(delayed.delay, std::chrono::milliseconds(250));
    EXPECT_EQ(json::parse(delayed.body).at("total_count"), "2");
    EXPECT_EQ(with(R"({"trickle_ms":5})").interval, std::chrono::milliseconds(5));
    boost::system::error_code ec;
    json::parse(with(R"({"garbage":true})").body, ec);
    EXPECT_TRUE(ec);
    EXPECT_EQ(with(R"({"status":500,"body":"<html>"})").body, "<html>");
}

TEST_F(SimulatorControl, RefusesWrongFaults) {
    EXPECT_EQ(post("faults", R"({"status":99})"), "400 'status' must be an integer from 200 to 599");
    EXPECT_EQ(post("faults", R"({"instance":"k"})"), "400 no instance has the id 'k'");
    EXPECT_EQ(post("faults", R"({"hang":1})"), "400 'hang' must be true or false");
    EXPECT_EQ(post("faults", R"({"hangs":true})"), "400 unknown field 'hangs'");
    EXPECT_EQ(list().status, 200);
}

TEST_F(SimulatorControl, ARequestThatNeverArrivesHasNoEffect) {
    const std::string path = "/v3/p/instances/j/starrocks/databases/replication";
    const std::string body =
        R"({"source_instance_id":"0123456789abcdef0123456789abcdefin07","source_database":"other",)"
        R"("target_database":"other","task_name":"other"})";
    EXPECT_EQ(post("faults", R"({"status":503,"count":1})"), "200");
    EXPECT_EQ(cloud_.ask("POST", path, body).status, 503);
    EXPECT_EQ(json::parse(list("j").body).at("replications").at(0).at("stage"), "Wait");
    EXPECT_EQ(post("faults", R"({"cut":0,"count":1})"), "200"); // the answer is lost, not the request
    EXPECT_EQ(cloud_.ask("POST", path, body).fault, fault::cut_after);
    EXPECT_EQ(json::parse(list("j").body).at("replications").at(0).at("stage"), "Incremental");
}

TEST_F(SimulatorControl, RemembersRequestsToTheApi) {
    cloud_.now = std::chrono::seconds(3);
    const auto answer = list();
    cloud_.ask("GET", "/nowhere");
    post("faults", R"({"hang":true})");
    list("j");
    const auto seen = cloud_.ask_json("GET", "/_control/requests").at("requests");
    ASSERT_EQ(seen.as_array().size(), 3u);
    const auto& first = seen.at(0);
    EXPECT_EQ(first.at("now"), 3);
    EXPECT_EQ(first.at("method"), "GET");
    EXPECT_EQ(first.at("path"), "/v3/p/instances/i/starrocks/databases/replication");
    EXPECT_EQ(first.at("query"), json::parse(R"({"limit":"50"})"));
    EXPECT_EQ(first.at("status"), 200);
    EXPECT_EQ(first.at("instance"), "i");
    EXPECT_EQ(first.at("request_id").as_string(), answer.headers.back().second);
    EXPECT_EQ(seen.at(1).at("status"), 404);
    EXPECT_EQ(seen.at(1).at("instance"), "");
    EXPECT_EQ(seen.at(2).at("status"), 0);
    EXPECT_EQ(seen.at(2).at("outcome"), "hang");

    EXPECT_EQ(cloud_.ask("DELETE", "/_control/requests").status, 200);
    EXPECT_TRUE(cloud_.ask_json("GET", "/_control/requests").at("requests").as_array().empty());
}

TEST_F(SimulatorControl, ForgetsTheOldestRequests) {
    for (int i = 0; i < 10'005; ++i)
        cloud_.ask("GET", "/" + std::to_string(i));
    const auto seen = cloud_.ask_json("GET", "/_control/requests").at("requests");
    EXPECT_EQ(seen.as_array().size(), 10'000u);
    EXPECT_EQ(seen.at(0).at("path"), "/5");
}

} // namespace
} // namespace replmond::simulator
