#include "tests/simulator/tests/cloud_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace json = boost::json;

namespace replmond::simulator {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;

constexpr auto taurusdb_scenario = R"(
tokens: [t]
projects: [p, q]
jobs: {hidden_for: 2s, pending_for: 3s, running_for: 10s}
instances:
  - id: sr
    project: p
    name: orders
    tasks:
      - {name: copy, target_database: copy_sr, timeline: [{stage: full, for: 100s}, {stage: incremental}]}
      - name: broken
        timeline: [{stage: incremental, status: No, error_msg: table is gone, error_msg_zh: 表不存在, last_error_of_alter_table: bad DDL}]
      - {name: waiting, timeline: [{stage: wait}]}
      - {name: halted, timeline: [{stage: paused}]}
  - {id: sr2, project: p, name: second, camel_case: true, tasks: [{name: other}]}
taurusdb:
  - id: tdb
    project: p
    name: shop
    htap: [sr, {id: ck, name: clicks, engine: click-house}, {id: sr2, engine: StarRocks, status: abnormal}]
  - {id: tdb2, project: p}
  - {id: tdb3, project: q}
)";

const std::string base = "/v3/p/instances/sr/starrocks/databases/replication";

class SimulatorTaurusdb : public ::testing::Test {
protected:
    std::string change(const std::string& method, const std::string& what, const std::string& task) {
        return cloud_.outcome(cloud_.ask(method, base + what, R"({"task_name":")" + task + R"("})"));
    }

    // `stage percentage` of a task, nothing where it is not listed.
    std::string state(const std::string& task) {
        const auto answer = cloud_.ask_json("GET", base);
        for (const auto& record : answer.at("replications").as_array()) {
            if (record.at("task_name") == json::value(task))
                return std::string(record.at("stage").as_string()) + " " +
                       std::string(record.at("percentage").as_string());
        }
        return "";
    }

    void set_instance(const std::string& quirks, const std::string& expected = "200") {
        EXPECT_EQ(
            cloud_.outcome(cloud_.ask("POST", "/_control/instances", R"({"instance":"sr",)" + quirks + "}")),
            expected);
    }

    std::vector<std::string> texts(const std::string& target, const std::string& list,
                                   const std::string& key) {
        std::vector<std::string> found;
        const auto answer = cloud_.ask_json("GET", target);
        for (const auto& item : answer.at(list).as_array())
            found.emplace_back((key.empty() ? item : item.at(key)).as_string());
        return found;
    }

    cloud_under_test cloud_{taurusdb_scenario};
};

TEST_F(SimulatorTaurusdb, PausesAndResumes) {
    cloud_.now = 40s;
    EXPECT_EQ(change("POST", "/pause", "copy"), "200");
    cloud_.now = 500s;
    EXPECT_EQ(state("copy"), "Paused 40");
    EXPECT_EQ(change("POST", "/pause", "copy"), "400 DBS.200086");
    EXPECT_EQ(change("POST", "/resume", "copy"), "200");
    EXPECT_EQ(state("copy"), "Full 40"); // goes on where it was
    cloud_.now += 10s;
    EXPECT_EQ(state("copy"), "Full 50");
    EXPECT_EQ(change("POST", "/resume", "copy"), "400 DBS.200086");
    EXPECT_EQ(change("POST", "/pause", "waiting"), "400 DBS.200086");
    EXPECT_EQ(change("POST", "/resume", "halted"), "200");
    EXPECT_EQ(state("halted"), "Incremental 0");
    EXPECT_EQ(change("POST", "/pause", "nobody"), "400 DBS.270022");
    EXPECT_EQ(change("POST", "/resume", "nobody"), "400 DBS.270022");
}

TEST_F(SimulatorTaurusdb, APausedTaskIsWell) {
    EXPECT_EQ(change("POST", "/pause", "broken"), "200");
    const auto record = cloud_.ask_json("GET", base).at("replications").at(1);
    EXPECT_EQ(record.at("status"), "Yes");
    EXPECT_EQ(record.at("stage"), "Paused");
}

TEST_F(SimulatorTaurusdb, Deletes) {
    EXPECT_EQ(change("DELETE", "", "copy"), "200");
    EXPECT_EQ(cloud_.latest().at("body"), R"({"task_name":"copy"})");
    EXPECT_EQ(state("copy"), "");
    EXPECT_EQ(change("DELETE", "", "copy"), "400 DBS.05000091");
    EXPECT_EQ(change("DELETE", "", "nobody"), "400 DBS.05000091");
}

TEST_F(SimulatorTaurusdb, ADeleteThatNamesNoTaskIsAGraveMistake) {
    for (const char* body :
         {"", "{}", "[]", R"({"task_name":""})", R"({"task_name":null})", R"({"task_name":7})"}) {
        EXPECT_EQ(cloud_.outcome(cloud_.ask("DELETE", base, body)), "400 DBS.280001") << body;
        EXPECT_TRUE(cloud_.latest().contains("grave")) << body;
        EXPECT_EQ(cloud_.outcome(cloud_.ask("POST", base + "/pause", body)), "400 DBS.280001") << body;
        EXPECT_FALSE(cloud_.latest().contains("grave")) << body;
    }
    EXPECT_NE(state("copy"), "");
}

TEST_F(SimulatorTaurusdb, ABusyInstanceChangesNothing) {
    set_instance(R"("busy":"DBS.05000084")");
    for (const char* what : {"/pause", "/resume"})
        EXPECT_EQ(change("POST", what, "copy"), "409 DBS.05000084");
    EXPECT_EQ(change("DELETE", "", "copy"), "409 DBS.05000084");
    EXPECT_EQ(cloud_.outcome(
                  cloud_.ask("POST", base, R"({"source_instance_id":"0123456789abcdef0123456789abcdefin07",
        "source_database":"waiting","target_database":"waiting","task_name":"waiting"})")),
              "409 DBS.05000084");
    EXPECT_EQ(state("copy"), "Full 0");
    set_instance(R"("busy":null)");
    EXPECT_EQ(change("POST", "/pause", "copy"), "200");
}

TEST_F(SimulatorTaurusdb, ShowsTheConfiguration) {
    const auto broken = cloud_.ask_json("GET", base + "/configuration?task_name=broken");
    EXPECT_EQ(broken.at("error_msg"), "table is gone");
    EXPECT_EQ(broken.at("last_error_of_alter_table"), "bad DDL");
    EXPECT_EQ(broken.at("source_instance_id"), "tdb");
    EXPECT_EQ(broken.at("target_database_name"), "broken");
    EXPECT_EQ(broken.at("database_info").at("database_name"), "broken");
    EXPECT_EQ(broken.at("database_info").at("db_config_check_results").at(0).at("check_result"), "success");
    EXPECT_EQ(broken.at("table_infos").at(0).at("check_result"), "failed");
    EXPECT_EQ(broken.at("is_tables_change"), false);

    set_instance(R"("camel_case":true)");
    const auto copy = cloud_.ask_json("GET", base + "/configuration/copy_sr"); // by target database
    EXPECT_EQ(copy.at("error_msg"), "");
    EXPECT_EQ(copy.at("database_info").at("databaseName"), "copy");
    EXPECT_TRUE(copy.at("database_info").as_object().contains("dbCfgCheckResults"));

    EXPECT_EQ(cloud_.outcome(cloud_.ask("GET", base + "/configuration")), "400 DBS.280001");
    EXPECT_EQ(cloud_.outcome(cloud_.ask("GET", base + "/configuration?task_name=")), "400 DBS.280001");
    EXPECT_EQ(cloud_.outcome(cloud_.ask("GET", base + "/configuration?task_name=nobody")), "400 DBS.270022");
    EXPECT_EQ(cloud_.outcome(cloud_.ask("GET", base + "/configuration/nothing")), "400 DBS.270022");
}

TEST_F(SimulatorTaurusdb, TellsTheErrorInChineseWhenAsked) {
    const std::string asked = base + "/configuration?task_name=";
    cloud_.headers.emplace_back("x-language", "zh-cn");
    EXPECT_EQ(cloud_.ask_json("GET", asked + "broken").at("error_msg"), "表不存在");
    EXPECT_EQ(cloud_.ask_json("GET", asked + "broken").at("last_error_of_alter_table"), "bad DDL");

    // What control says is stronger than the scenario.
    EXPECT_EQ(cloud_
                  .ask("POST", "/_control/tasks",
                       R"({"instance":"sr","task_name":"broken","set":{"error_msg":"no space"}})")
                  .status,
              200);
    EXPECT_EQ(cloud_.ask_json("GET", asked + "broken").at("error_msg"), "no space");
}

TEST_F(SimulatorTaurusdb, ControlSetsErrorTexts) {
    EXPECT_EQ(cloud_
                  .ask("POST", "/_control/tasks",
                       R"({"instance":"sr","task_name":"copy","set":{"error_msg":"no space",
                             "last_error_of_alter_table":"x"}})")
                  .status,
              200);
    const auto shown = cloud_.ask_json("GET", base + "/configuration?task_name=copy");
    EXPECT_EQ(shown.at("error_msg"), "no space");
    EXPECT_EQ(shown.at("last_error_of_alter_table"), "x");
    const auto state = cloud_.ask_json("GET", "/_control/state").at("instances").at(0).at("tasks").at(0);
    EXPECT_EQ(state.at("error_msg"), "no space");
}

TEST_F(SimulatorTaurusdb, ListsTaurusdbInstances) {
    EXPECT_THAT(texts("/v3/p/instances", "instances", "name"), ElementsAre("shop", "tdb2"));
    EXPECT_THAT(texts("/v3/p/instances?limit=1", "instances", "id"), ElementsAre("tdb"));
    EXPECT_THAT(texts("/v3/p/instances?limit=1&offset=1", "instances", "id"), ElementsAre("tdb2"));
    EXPECT_THAT(texts("/v3/p/instances?offset=2", "instances", "id"), ElementsAre());
    EXPECT_THAT(texts("/v3/p/instances?name=shop", "instances", "id"), ElementsAre("tdb"));
    EXPECT_THAT(texts("/v3/p/instances?id=tdb2", "instances", "id"), ElementsAre("tdb2"));
    EXPECT_THAT(texts("/v3/p/instances?datastore_type=gaussdb-mysql", "instances", "id"),
                ElementsAre("tdb", "tdb2"));
    EXPECT_THAT(texts("/v3/p/instances?datastore_type=mysql", "instances", "id"), ElementsAre());
    EXPECT_THAT(texts("/v3/q/instances", "instances", "id"), ElementsAre("tdb3"));
    EXPECT_EQ(cloud_.ask_json("GET", "/v3/p/instances?limit=1").at("total_count"), 2); // a number here
    EXPECT_EQ(cloud_.outcome(cloud_.ask("GET", "/v3/p/instances?limit=101")), "400 DBS.280439");
    EXPECT_EQ(cloud_.outcome(cloud_.ask("GET", "/v3/z/instances")), "403 DBS.200044");
}

TEST_F(SimulatorTaurusdb, ListsHtapInstances) {
    const std::string path = "/v3/p/instances/tdb/htap";
    EXPECT_THAT(texts(path, "instances", "id"), ElementsAre("sr", "ck", "sr2"));
    EXPECT_THAT(texts(path, "instances", "name"), ElementsAre("orders", "clicks", "second"));
    EXPECT_THAT(texts(path, "instances", "engine_name"),
                ElementsAre("star-rocks", "click-house", "StarRocks"));
    const auto all = cloud_.ask_json("GET", path);
    EXPECT_EQ(all.at("total"), 3);
    EXPECT_EQ(all.at("instances").at(2).at("instance_state").at("instance_status"), "abnormal");
    EXPECT_EQ(all.at("instances").at(0).at("port"), 3306);
    EXPECT_EQ(all.at("instances").at(0).at("is_frozen"), false);
    EXPECT_THAT(texts("/v3/p/instances/tdb2/htap", "instances", "id"), ElementsAre());
    EXPECT_EQ(cloud_.outcome(cloud_.ask("GET", "/v3/p/instances/tdb3/htap")), "404 DBS.201028");
    EXPECT_EQ(cloud_.outcome(cloud_.ask("GET", "/v3/p/instances/sr/htap")), "404 DBS.201028");
    // click-house has no such tasks
    EXPECT_EQ(cloud_.outcome(cloud_.ask("GET", "/v3/p/instances/ck/starrocks/databases/replication")),
              "404 DBS.201028");
}

TEST_F(SimulatorTaurusdb, InstancesAreRenamedAndDeleted) {
    set_instance(R"("name":"renamed")");
    EXPECT_THAT(texts("/v3/p/instances/tdb/htap", "instances", "name"),
                ElementsAre("renamed", "clicks", "second"));
    set_instance(R"("deleted":true)");
    EXPECT_THAT(texts("/v3/p/instances/tdb/htap", "instances", "name"), ElementsAre("clicks", "second"));
    EXPECT_EQ(cloud_.outcome(cloud_.ask("GET", base)), "404 DBS.201028");
    set_instance(R"("deleted":false)");
    EXPECT_EQ(cloud_.ask("GET", base).status, 200);
}

TEST_F(SimulatorTaurusdb, ListsDatabasesAndNodes) {
    const std::string path = "/v3/p/instances/sr/starrocks/";
    EXPECT_THAT(texts(path + "databases", "databases", ""),
                ElementsAre("broken", "copy_sr", "halted", "waiting"));
    EXPECT_THAT(texts(path + "databases?limit=1&offset=1", "databases", ""), ElementsAre("copy_sr"));
    EXPECT_THAT(texts(path + "databases?database_name=halted", "databases", ""), ElementsAre("halted"));
    const auto all = cloud_.ask_json("GET", path + "databases?limit=1");
    EXPECT_EQ(all.at("total_count"), 4);
    EXPECT_EQ(all.at("timestamp"), 1'767'322'800);
    EXPECT_THAT(texts(path + "nodes", "node_list", "role"), ElementsAre("fe-leader", "fe-follower", "be"));
}

TEST_F(SimulatorTaurusdb, JobsAreNotThereAtOnce) {
    const auto answer = cloud_.ask("POST", base + "/pause", R"({"task_name":"copy"})");
    const std::string id(json::parse(answer.body).at("job_id").as_string());
    const std::string path = "/v3/p/jobs?id=" + id;
    const auto status = [&] { return cloud_.ask_json("GET", path).at("job").at("status").as_string(); };
    cloud_.now = 2s - 1ms;
    EXPECT_EQ(cloud_.outcome(cloud_.ask("GET", path)), "400 DBS.200543");
    cloud_.now = 2s;
    EXPECT_EQ(status(), "Pending");
    cloud_.now = 5s;
    EXPECT_EQ(status(), "Running");
    cloud_.now = 11s;
    EXPECT_EQ(cloud_.ask_json("GET", path).at("job").at("process"), "60%");
    cloud_.now = 100s;
    const auto job = cloud_.ask_json("GET", path).at("job");
    EXPECT_EQ(
        job, json::parse(R"({"id":")" + id + R"(","name":"pauseStarRocksDataReplication","status":"Completed",
        "created":"2026-01-01T00:00:00+0000","ended":"2026-01-01T00:00:15+0000","process":"",
        "instance":{"id":"sr","name":"orders"},"fail_reason":""})"));
    EXPECT_EQ(cloud_.outcome(cloud_.ask("GET", "/v3/q/jobs?id=" + id)), "400 DBS.200543");
    EXPECT_EQ(cloud_.outcome(cloud_.ask("GET", "/v3/p/jobs?id=x")), "400 DBS.200543");
    EXPECT_EQ(cloud_.outcome(cloud_.ask("GET", "/v3/p/jobs")), "400 DBS.280001");
}

TEST_F(SimulatorTaurusdb, TotalCountsThatLie) {
    const auto total = [&](const std::string& query) {
        const auto body = cloud_.ask_json("GET", base + query).as_object();
        const auto* value = body.if_contains("total_count");
        return value ? std::string(value->as_string()) : "absent";
    };
    EXPECT_EQ(total("?limit=3"), "4");
    set_instance(R"("total_count_means":"page")");
    EXPECT_EQ(total("?limit=3"), "3");
    EXPECT_EQ(total("?limit=3&offset=3"), "1");
    set_instance(R"("total_count_means":"absent")");
    EXPECT_EQ(total(""), "absent");
    set_instance(R"("total_count_means":"garbage")");
    EXPECT_EQ(total(""), "many");
    set_instance(R"("total_count_means":"changing")");
    EXPECT_NE(total(""), total(""));
    EXPECT_EQ(cloud_.ask_json("GET", "/_control/state").at("instances").at(0).at("quirks"),
              json::parse(R"({"total_count_means":"changing"})"));
    set_instance(R"("total_count_means":"records")");
    EXPECT_EQ(total(""), "4");
    set_instance(R"("total_count_means":"none")", "400");
    set_instance(R"("move_rows":-1)", "400");
    set_instance(R"("moves":1)", "400");
}

TEST_F(SimulatorTaurusdb, PagesThatLie) {
    set_instance(R"("ignore_offset":true)");
    EXPECT_THAT(texts(base + "?limit=2&offset=2", "replications", "task_name"),
                ElementsAre("copy", "broken"));
    set_instance(R"("ignore_offset":false)");
    EXPECT_THAT(texts(base + "?limit=2&offset=2", "replications", "task_name"),
                ElementsAre("waiting", "halted"));
    set_instance(R"("move_rows":1)");
    const auto first = texts(base + "?limit=2", "replications", "task_name");
    const auto second = texts(base + "?limit=2&offset=2", "replications", "task_name");
    EXPECT_EQ(first[0], "waiting");  // the third list request moves by two
    EXPECT_EQ(second[1], "waiting"); // moved on between the pages: it is on both
}

} // namespace
} // namespace replmond::simulator
