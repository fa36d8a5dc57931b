// Heartbeats that are late, and those that stand still.
#include "tests/simulator/heartbeats.hpp"
#include "tests/simulator/tests/mysql_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <charconv>

namespace replmond::simulator {
namespace {

using namespace std::chrono_literals;

constexpr auto lag_scenario = R"(
tokens: [t]
projects: [p]
mysql: {user: replmond, password: demo, table: beat, column: at, as: microseconds}
taurusdb: [{id: d, address: 127.0.2.1, htap: [i]}]
instances:
  - id: i
    address: 127.0.1.1
    tasks:
      - name: grows
        lag: 1s
        timeline: [{stage: incremental, for: 100s}, {stage: incremental, lag: [0s, 100s], for: 100s},
          {stage: incremental, lag: 7s, for: 100s}, {stage: incremental}]
      - name: stops
        repeat: true
        timeline: [{stage: incremental, for: 100s}, {stage: paused, for: 50s}, {stage: gone, for: 50s}]
      - {name: copies, timeline: [{stage: full, for: 100s}, {stage: incremental}]}
      - {name: extra, source_database: grows, target_database: grows, main: false}
      - {name: waits, defined: true, timeline: [{stage: incremental}]}
)";

class SimulatorLag : public ::testing::Test {
protected:
    // Lets time pass on both clocks; virtual time goes `speed` times as fast.
    void pass(std::chrono::seconds time, int speed = 1) {
        cloud_.real += time;
        cloud_.now += time * speed;
    }

    std::string newest(const std::string& database, const std::string& address = "127.0.1.1") {
        return mysql_client(cloud_, address).log_in().query("SELECT MAX(at) FROM " + database + ".beat");
    }

    // How old that is, in seconds; -1 where there is none.
    double lag_of(const std::string& database, const std::string& address = "127.0.1.1") {
        const std::string text = newest(database, address);
        std::int64_t value = 0;
        if (std::from_chars(text.data(), text.data() + text.size(), value).ec != std::errc{})
            return -1;
        return static_cast<double>(cloud_.real.time_since_epoch().count() - value) / 1e6;
    }

    void control(const std::string& path, const std::string& body) {
        EXPECT_EQ(cloud_.ask("POST", "/_control/" + path, body).status, 200) << body;
    }

    cloud_under_test cloud_{lag_scenario};
};

TEST_F(SimulatorLag, FollowsTheTimeline) {
    EXPECT_EQ(lag_of("grows"), 1); // the task's
    pass(125s);
    EXPECT_EQ(lag_of("grows"), 25);
    pass(100s);
    EXPECT_EQ(lag_of("grows"), 7);
    pass(100s);
    EXPECT_EQ(lag_of("grows"), 1);
    EXPECT_EQ(lag_of("grows", "127.0.2.1"), 0);
}

TEST_F(SimulatorLag, StandsStillSinceTheTaskStopped) {
    observe_tasks(cloud_.all, {cloud_.now, cloud_.real, cloud_.real});
    pass(12s, 10); // 120 virtual seconds: it stopped 2 real seconds ago
    EXPECT_EQ(lag_of("stops"), 2);
    pass(5s, 10); // gone
    EXPECT_EQ(lag_of("stops"), 7);
    pass(4s, 10); // again incremental
    EXPECT_EQ(lag_of("stops"), 0);
    pass(9s, 10); // and again not
    EXPECT_EQ(lag_of("stops"), 0);
    pass(60s, 10);
    EXPECT_EQ(lag_of("stops"), 0);
}

TEST_F(SimulatorLag, StandsStillSinceControlStoppedIt) {
    pass(10s);
    control("tasks", R"({"instance":"i","task_name":"stops","set":{"stage":"cancelled"}})");
    pass(30s);
    EXPECT_EQ(lag_of("stops"), 30);
    control("tasks", R"({"instance":"i","task_name":"stops","remove":true})");
    pass(10s);
    EXPECT_EQ(lag_of("stops"), 40);
    control("tasks", R"({"instance":"i","task_name":"stops","reset":true})");
    EXPECT_EQ(lag_of("stops"), 0);
}

// The clock of the cloud jumps, ours does not.
TEST_F(SimulatorLag, StandsStillSinceVirtualTimeJumped) {
    pass(10s);
    control("advance", R"({"seconds":110})");
    EXPECT_EQ(lag_of("stops"), 0);
    pass(20s);
    EXPECT_EQ(lag_of("stops"), 20);
}

TEST_F(SimulatorLag, StandsStillWhilePausedByTheApi) {
    pass(10s);
    EXPECT_EQ(cloud_
                  .ask("POST", "/v3/p/instances/i/starrocks/databases/replication/pause",
                       R"({"task_name":"stops"})")
                  .status,
              200);
    pass(300s);
    EXPECT_EQ(lag_of("stops"), 300);
    EXPECT_EQ(cloud_
                  .ask("POST", "/v3/p/instances/i/starrocks/databases/replication/resume",
                       R"({"task_name":"stops"})")
                  .status,
              200);
    EXPECT_EQ(lag_of("stops"), 0);
}

TEST_F(SimulatorLag, HasNothingBeforeATaskFollows) {
    EXPECT_EQ(newest("copies"), "NULL");
    EXPECT_EQ(newest("waits"), "NULL");
    EXPECT_EQ(lag_of("copies", "127.0.2.1"), 0);
    pass(101s);
    EXPECT_EQ(lag_of("copies"), 0);
}

TEST_F(SimulatorLag, StopsWithTheWriter) {
    control("mysql", R"({"taurusdb":"d","stop_writer":true})");
    pass(20s);
    EXPECT_EQ(lag_of("grows", "127.0.2.1"), 20);
    EXPECT_EQ(lag_of("grows"), 20); // all of it came through
    control("mysql", R"({"taurusdb":"d","stop_writer":false})");
    EXPECT_EQ(lag_of("grows", "127.0.2.1"), 0);
    control("mysql", R"({"instance":"i","task":"stops","stop_writer":true})");
    pass(5s);
    EXPECT_EQ(lag_of("stops", "127.0.2.1"), 5);
    EXPECT_EQ(lag_of("grows", "127.0.2.1"), 0);
}

TEST_F(SimulatorLag, IsWhatControlSays) {
    control("mysql", R"({"instance":"i","lag_seconds":2.5})");
    control("mysql", R"({"instance":"i","task":"grows","lag_seconds":600})");
    EXPECT_EQ(lag_of("grows"), 600);
    EXPECT_EQ(lag_of("stops"), 2.5);
    control("mysql", R"({"instance":"i","task":"grows","lag_seconds":null})");
    EXPECT_EQ(lag_of("grows"), 2.5);
}

TEST(SimulatorHeartbeats, AreWrittenAsTheColumnHasThem) {
    const wall_time time = std::chrono::sys_days(std::chrono::year(2026) / 11 / 29) + 21h + 123'456us;
    EXPECT_EQ(heartbeat_text(time, heartbeat_form::seconds), "1795986000");
    EXPECT_EQ(heartbeat_text(time, heartbeat_form::milliseconds), "1795986000123");
    EXPECT_EQ(heartbeat_text(time, heartbeat_form::microseconds), "1795986000123456");
    EXPECT_EQ(heartbeat_text(time, heartbeat_form::text), "2026-11-29 21:00:00.123456");
    EXPECT_EQ(heartbeat_text(time, heartbeat_form::text_t), "2026-11-29T21:00:00.123456");
}

TEST(SimulatorTimeline, KnowsWhenAStageWasLast) {
    timeline course;
    for (const auto& [stage, duration] : {std::pair("full", 10s), {"incremental", 20s}, {"paused", 10s}}) {
        step s;
        s.stage = stage;
        s.duration = duration;
        course.steps.push_back(s);
    }
    const auto last = [&](virtual_time elapsed) { return last_in_stage(course, elapsed, "incremental"); };
    EXPECT_EQ(last(-1s), std::nullopt);
    EXPECT_EQ(last(9s), std::nullopt);
    EXPECT_EQ(last(15s), 15s);
    EXPECT_EQ(last(35s), 30s);
    EXPECT_EQ(last(1000s), 30s); // stays paused
    EXPECT_EQ(last_in_stage(course, 1000s, "paused"), 1000s);
    course.repeat = true;
    EXPECT_EQ(last(45s), 30s); // of the round before
    EXPECT_EQ(last(55s), 55s);
    EXPECT_EQ(last(115s), 110s);
}

TEST(SimulatorScenario, ReadsDatabases) {
    const auto s = read_scenario(R"(
tokens: [t]
projects: [p]
mysql: {user: u, password: w, table: beat, column: at, as: text_t}
taurusdb: [{id: d, address: 127.0.2.1}]
instances:
  - {id: i, address: 127.255.0.1, tasks: [{name: n, lag: 1500ms, heartbeat: ops.beat, timeline: [
      {stage: incremental, lag: [1s, 5m], for: 10s}, {stage: incremental}]}]}
)",
                                 "s.yaml");
    EXPECT_EQ(s.mysql->user, "u");
    EXPECT_EQ(s.mysql->form, heartbeat_form::text_t);
    EXPECT_EQ(s.taurusdb[0].address, "127.0.2.1");
    EXPECT_EQ(s.instances[0].address, "127.255.0.1");
    const auto& task = s.instances[0].tasks[0];
    EXPECT_EQ(task.lag, 1500ms);
    EXPECT_EQ(task.heartbeat, "ops.beat");
    EXPECT_EQ(at(*task.course, 0s)->lag, 1000ms);
    EXPECT_EQ(at(*task.course, 5s)->lag, 150'500ms);
    EXPECT_EQ(at(*task.course, 20s)->lag, std::nullopt);
}

TEST(SimulatorScenario, RefusesMistakesInDatabases) {
    const auto mistake = [](const std::string& rest) -> std::string {
        try {
            read_scenario("tokens: [t]\nprojects: [p]\n" + rest, "s.yaml");
        } catch (const scenario_error& e) {
            return e.what();
        }
        return "none";
    };
    EXPECT_EQ(mistake("mysql: {user: u}"), "s.yaml:3:8: mysql needs 'password'");
    EXPECT_EQ(mistake("mysql: {user: u, password: w, as: x}"),
              "s.yaml:3:35: mysql: 'as' must be seconds, milliseconds, microseconds, text or text_t");
    for (const auto* wrong :
         {"10.0.0.1", "127.0.1", "127.0.0.256", "127.0.0.1.1", "127.0..1", "127.0.01.1", "127.0.0.x"})
        EXPECT_EQ(mistake("instances: [{id: i, address: " + std::string(wrong) + "}]"),
                  "s.yaml:3:30: an instance: 'address' must be an address such as 127.0.1.1, not '" +
                      std::string(wrong) + "'");
    EXPECT_EQ(mistake("instances: [{id: i, address: 127.0.0.1}, {id: j, address: 127.0.0.1}]"),
              "s.yaml:1:1: two instances have the address '127.0.0.1'");
    for (const auto* wrong : {"beat", ".beat", "ops."})
        EXPECT_EQ(mistake("instances: [{id: i, tasks: [{name: n, heartbeat: " + std::string(wrong) + "}]}]"),
                  "s.yaml:3:50: a task: 'heartbeat' must be DATABASE.TABLE");
    EXPECT_EQ(mistake("instances: [{id: i, tasks: [{name: n, lag: x}]}]"),
              "s.yaml:3:44: a task: 'lag' must be a duration such as 500ms or 5m, or two of them as "
              "[from, to]");
}

} // namespace
} // namespace replmond::simulator
