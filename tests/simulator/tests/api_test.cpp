#include "tests/simulator/tests/cloud_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace json = boost::json;

namespace replmond::simulator {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;

constexpr auto api_scenario = R"(
tokens: [t]
projects: [p, q]
instances:
  - {id: five, project: p, tasks: [{name: a}, {name: b}, {name: c}, {name: d}, {name: e}]}
  - {id: small_pages, project: p, max_page: 2, tasks: [{name: a}, {name: b}, {name: c}]}
  - {id: strings, project: p, tasks: &states [
      {name: copying, source_database: src, target_database: dst,
       timeline: [{stage: full, percentage: 42.5, need_repair: true}]},
      {name: catching_up, timeline: [{stage: incremental, catchup_stage: full, catchup_percentage: 7}]},
      {name: temporary, main: false, timeline: [{stage: wait}]},
      {name: fault, timeline: [{stage: incremental, status: No}]},
      {name: plain},
      {name: odd}]}
  - {id: numbers, project: p, wire: numbers, tasks: *states}
  - {id: mixed, project: p, wire: mixed, tasks: *states}
  - {id: creates, project: p, tasks: [
      {name: new_task, source_database: source, target_database: target, defined: true,
       timeline: [{stage: full, for: 10s}]},
      {name: running, source_database: source, target_database: target}]}
)";

std::string list_target(const std::string& instance, const std::string& query = "") {
    return "/v3/p/instances/" + instance + "/starrocks/databases/replication" + query;
}

class SimulatorApi : public ::testing::Test {
protected:
    std::vector<std::string> names(const std::string& instance, const std::string& query) {
        std::vector<std::string> found;
        const auto body = cloud_.ask_json("GET", list_target(instance, query));
        for (const auto& record : body.at("replications").as_array())
            found.emplace_back(record.at("task_name").as_string());
        return found;
    }

    json::object record(const std::string& instance, std::size_t i) {
        const auto body = cloud_.ask_json("GET", list_target(instance));
        return body.at("replications").at(i).as_object();
    }

    // `status code` of a refusal.
    static std::string refusal(const testing::script& answer) {
        return std::to_string(answer.status) + " " +
               std::string(json::parse(answer.body).at("error_code").as_string());
    }

    std::string refusal_of(const std::string& query) {
        return refusal(cloud_.ask("GET", list_target("five", query)));
    }

    cloud_under_test cloud_{api_scenario};
};

TEST_F(SimulatorApi, Pages) {
    EXPECT_THAT(names("five", ""), ElementsAre("a", "b", "c", "d", "e"));
    EXPECT_THAT(names("five", "?limit=2"), ElementsAre("a", "b"));
    EXPECT_THAT(names("five", "?limit=2&offset=2"), ElementsAre("c", "d"));
    EXPECT_THAT(names("five", "?offset=4&limit=100"), ElementsAre("e"));
    EXPECT_THAT(names("five", "?offset=5"), IsEmpty());
    EXPECT_THAT(names("five", "?offset=9999999999"), IsEmpty());
    EXPECT_THAT(names("small_pages", "?limit=100"), ElementsAre("a", "b"));
    EXPECT_THAT(names("small_pages", "?limit=1&offset=2"), ElementsAre("c"));
    EXPECT_EQ(cloud_.ask_json("GET", list_target("five", "?limit=1")).at("total_count"), "5");
}

TEST_F(SimulatorApi, RefusesBadPages) {
    for (const char* query :
         {"?limit=0", "?limit=101", "?limit=-1", "?limit=", "?limit=ten", "?limit=1.0", "?limit=+1"})
        EXPECT_EQ(refusal_of(query), "400 DBS.280439") << query;
    for (const char* query :
         {"?offset=-1", "?offset=", "?offset=x", "?offset=1e1", "?offset=99999999999999999999"})
        EXPECT_EQ(refusal_of(query), "400 DBS.280001") << query;
}

TEST_F(SimulatorApi, RefusesFromTheOutsideIn) {
    EXPECT_EQ(refusal(cloud_.ask("GET", "/v3/p/instances/five/starrocks")), "404 APIGW.0101");
    EXPECT_EQ(refusal(cloud_.ask("GET", "/")), "404 APIGW.0101");
    EXPECT_EQ(refusal(cloud_.ask("GET", "/v3//instances//starrocks/databases/replication")),
              "404 APIGW.0101");
    EXPECT_EQ(refusal(cloud_.ask("PUT", list_target("five"))), "404 APIGW.0101");
    EXPECT_EQ(refusal(cloud_.ask("GET", "/v3/z/instances/five/starrocks/databases/replication")),
              "403 DBS.200044");
    EXPECT_EQ(refusal(cloud_.ask("GET", list_target("six"))), "404 DBS.201028");
    // Another project's instance is as unknown as none.
    EXPECT_EQ(refusal(cloud_.ask("GET", "/v3/q/instances/five/starrocks/databases/replication")),
              "404 DBS.201028");
}

TEST_F(SimulatorApi, WantsAToken) {
    cloud_.headers = {};
    auto answer = cloud_.ask("GET", list_target("six"));
    EXPECT_EQ(refusal(answer), "401 APIGW.0301");
    auto body = json::parse(answer.body);
    EXPECT_EQ(body.at("error_msg"), "Incorrect IAM authentication information: x-auth-token not found");
    ASSERT_EQ(answer.headers.back().first, "X-Request-Id");
    EXPECT_EQ(body.at("request_id").as_string(), answer.headers.back().second);
    EXPECT_THAT(answer.headers.back().second, MatchesRegex("[0-9a-f]{32}"));

    cloud_.headers = {{"x-auth-token", "T"}};
    EXPECT_EQ(cloud_.ask_json("GET", list_target("five")).at("error_msg"),
              "Incorrect IAM authentication information: decrypt token fail");
    cloud_.headers = {{"x-auth-token", "t"}};
    EXPECT_EQ(cloud_.ask("GET", list_target("five")).status, 200);
}

TEST_F(SimulatorApi, SpeaksChineseWhenAsked) {
    EXPECT_EQ(cloud_.ask_json("GET", list_target("six")).at("error_msg"), "Instance not found.");
    cloud_.headers.emplace_back("x-language", "zh-cn");
    EXPECT_EQ(cloud_.ask_json("GET", list_target("six")).at("error_msg"), "实例不存在");
}

TEST_F(SimulatorApi, EveryAnswerHasItsOwnRequestId) {
    const auto first = cloud_.ask("GET", list_target("five"));
    const auto second = cloud_.ask("GET", list_target("five"));
    EXPECT_EQ(first.headers.back().first, "X-Request-Id");
    EXPECT_NE(first.headers.back().second, second.headers.back().second);
}

TEST_F(SimulatorApi, WritesStrings) {
    EXPECT_EQ(json::value(record("strings", 0)), json::parse(R"({
        "source_database": "src", "target_database": "dst", "task_name": "copying", "status": "Yes", "stage": "Full",
        "percentage": "42.5", "catchup_stage": null, "catchup_percentage": null,
        "is_need_repair": "true", "is_main_task": "true"})"));
    const auto catching_up = record("strings", 1);
    EXPECT_EQ(catching_up.at("percentage"), "100");
    EXPECT_EQ(catching_up.at("catchup_stage"), "Full");
    EXPECT_EQ(catching_up.at("catchup_percentage"), "7");
    EXPECT_EQ(record("strings", 2).at("is_main_task"), "false");
    EXPECT_EQ(record("strings", 3).at("status"), "No");
}

TEST_F(SimulatorApi, WritesNumbers) {
    EXPECT_EQ(json::value(record("numbers", 0)), json::parse(R"({
        "source_database": "src", "target_database": "dst", "task_name": "copying", "status": "Yes", "stage": "full",
        "percentage": 42.5, "catchup_stage": null, "catchup_percentage": 0,
        "is_need_repair": true, "is_main_task": true})"));
    EXPECT_EQ(cloud_.ask_json("GET", list_target("numbers")).at("total_count"), 6);
    // In plain notation: 4.25E1 is JSON too, but no service writes it.
    EXPECT_THAT(cloud_.ask("GET", list_target("numbers")).body,
                ::testing::HasSubstr(R"("percentage":42.5,)"));
}

TEST_F(SimulatorApi, WritesEveryRecordOtherwise) {
    EXPECT_EQ(record("mixed", 0).at("is_need_repair"), "true");
    EXPECT_EQ(record("mixed", 1).at("catchup_percentage"), 7);
    const auto percent_sign = record("mixed", 2);
    EXPECT_EQ(percent_sign.at("percentage"), "0%");
    EXPECT_EQ(percent_sign.at("is_main_task"), "false");
    const auto nulls = record("mixed", 3);
    EXPECT_TRUE(nulls.at("is_need_repair").is_null());
    EXPECT_TRUE(nulls.at("is_main_task").is_null());
    EXPECT_TRUE(nulls.at("catchup_stage").is_null());
    const auto absent = record("mixed", 4);
    for (const char* key : {"is_need_repair", "is_main_task", "catchup_stage", "catchup_percentage"})
        EXPECT_FALSE(absent.contains(key)) << key;
    const auto odd = record("mixed", 5);
    EXPECT_EQ(odd.at("stage"), "INCREMENTAL");
    EXPECT_EQ(odd.at("status"), "YES");
    EXPECT_TRUE(odd.contains("future_field"));
}

class SimulatorCreate : public SimulatorApi {
protected:
    testing::script create(const std::string& change_from = "", const std::string& change_to = "") {
        std::string body =
            R"({"source_instance_id":"0123456789abcdef0123456789abcdefin07","source_database":"source",)"
            R"("target_database":"target","task_name":"new_task"})";
        if (!change_from.empty())
            body.replace(body.find(change_from), change_from.size(), change_to);
        return cloud_.ask("POST", list_target("creates"), body);
    }
};

TEST_F(SimulatorCreate, StartsADefinedTask) {
    EXPECT_EQ(record("creates", 0).at("stage"), "Wait");
    cloud_.now = std::chrono::seconds(100);
    const auto answer = create();
    EXPECT_EQ(answer.status, 200);
    EXPECT_THAT(std::string(json::parse(answer.body).at("job_id").as_string()),
                MatchesRegex("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"));
    cloud_.now += std::chrono::seconds(5);
    EXPECT_EQ(record("creates", 0).at("stage"), "Full");
    EXPECT_EQ(record("creates", 0).at("percentage"), "50");
    EXPECT_EQ(refusal(create()), "400 DBS.200086");
}

TEST_F(SimulatorCreate, RefusesWhatItDoesNotKnow) {
    EXPECT_EQ(refusal(create("new_task", "other_task")), "400 DBS.270022");
    EXPECT_EQ(refusal(create("new_task", "running")), "400 DBS.200086");
    EXPECT_EQ(refusal(create(R"("target")", R"("target_2")")), "400 DBS.280001"); // defined for another
}

TEST_F(SimulatorCreate, ChecksTheBody) {
    const std::vector<std::pair<std::string, std::string>> mistakes{
        {R"("task_name":"new_task")", R"("task_name":"ab")"},
        {R"("task_name":"new_task")", R"("task_name":"new-task")"},
        {R"("task_name":"new_task")", R"("task_name":7)"},
        {R"("task_name":"new_task")", R"("task_nam":"new_task")"},
        {R"("task_name":"new_task")", R"("task_name":")" + std::string(129, 'x') + R"(")"},
        {R"("source_database":"source")", R"("source_database":")" + std::string(1025, 'x') + R"(")"},
        {R"("target_database":"target")", R"("target_database":"任务")"},
        {"in07", ""},
        {"in07", "in_7"},
        {R"("task_name")", R"("source_node_id":5,"task_name")"},
        {"{", ""},
        {"{", "[{"},
    };
    for (const auto& [from, to] : mistakes)
        EXPECT_EQ(refusal(create(from, to)), "400 DBS.280001") << to;
    EXPECT_EQ(record("creates", 0).at("stage"), "Wait");
    EXPECT_EQ(create(R"("task_name")", R"("source_node_id":"","task_name")").status, 200);
}

} // namespace
} // namespace replmond::simulator
