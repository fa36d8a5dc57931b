#include "tests/simulator/scenario.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace replmond::simulator {
namespace {

using ::testing::ElementsAre;
using namespace std::chrono_literals;

constexpr auto head = "tokens: [t]\nprojects: [p]\n";

scenario read(const std::string& rest) {
    return read_scenario(head + rest, "s.yaml");
}

std::string mistake_in(const std::string& yaml) {
    try {
        read_scenario(yaml, "s.yaml");
    } catch (const scenario_error& e) {
        return e.what();
    }
    return "no mistake";
}

TEST(SimulatorScenario, ReadsEverything) {
    const auto s = read_scenario(R"(
tokens: [one, two]
projects: [p1, p2]
wire: numbers
instances:
  - id: i1
    project: p1
    tasks:
      - name: 订单
  - {id: i2, name: second, project: p2, wire: mixed, max_page: 7, tasks: [
      {name: t, source_database: s, target_database: g, main: false, defined: true, start_after: 1h30m}]}
)",
                                 "s.yaml");
    EXPECT_THAT(s.access.tokens, ElementsAre("one", "two"));
    ASSERT_EQ(s.access.projects.size(), 2u);
    EXPECT_EQ(s.access.projects[1].id, "p2");
    EXPECT_EQ(s.access.projects[1].name, "p2");
    ASSERT_EQ(s.instances.size(), 2u);

    const auto& first = s.instances[0];
    EXPECT_EQ(first.name, "i1");
    EXPECT_EQ(first.wire, wire_form_named("numbers"));
    EXPECT_EQ(first.max_page, std::nullopt);
    ASSERT_EQ(first.tasks.size(), 1u);
    EXPECT_EQ(first.tasks[0].source_database, "订单");
    EXPECT_TRUE(first.tasks[0].main);
    EXPECT_EQ(at(*first.tasks[0].course, 5s), moment{});

    const auto& second = s.instances[1];
    EXPECT_EQ(second.name, "second");
    EXPECT_EQ(second.project, "p2");
    EXPECT_EQ(second.wire, wire_form_named("mixed"));
    EXPECT_EQ(second.max_page, 7u);
    EXPECT_EQ(second.tasks[0].target_database, "g");
    EXPECT_FALSE(second.tasks[0].main);
    EXPECT_TRUE(second.tasks[0].defined);
    EXPECT_EQ(second.tasks[0].begins_at, 1h + 1800s);
}

TEST(SimulatorScenario, ReadsWhoMayAsk) {
    const auto s = read_scenario(R"(
projects: [p, {id: q, name: region}, {id: r}]
keys: [{access: AK, secret: SK}, {access: TEMP, secret: SK, security_token: ST}]
users: [{domain: d, name: n, password: w}]
token_lifetime: 30s
password_lock: {after: 2, lasts: 1m}
rate: {requests: 10, window: 1m}
jobs: {running_for: 1s}
)",
                                 "s.yaml");
    ASSERT_EQ(s.access.projects.size(), 3u);
    EXPECT_EQ(s.access.projects[1].name, "region");
    EXPECT_EQ(s.access.projects[2].name, "r");
    ASSERT_EQ(s.access.keys.size(), 2u);
    EXPECT_EQ(s.access.keys[0].security_token, std::nullopt);
    EXPECT_EQ(s.access.keys[1].security_token, "ST");
    ASSERT_EQ(s.access.users.size(), 1u);
    EXPECT_EQ(s.access.users[0].password, "w");
    EXPECT_EQ(s.access.token_lifetime, 30s);
    EXPECT_EQ(s.access.lock.after, 2);
    EXPECT_EQ(s.access.lock.lasts, 1min);
    ASSERT_TRUE(s.access.rate);
    EXPECT_EQ(s.access.rate->requests, 10);
    EXPECT_EQ(s.access.rate->window, 1min);
    EXPECT_EQ(s.jobs.hidden, 3s);
    EXPECT_EQ(s.jobs.running, 1s);
}

TEST(SimulatorScenario, ReadsInstancesAndTheirOwners) {
    const auto s = read(R"(
instances:
  - {id: i, name: orders, total_count_means: page, ignore_offset: true, move_rows: 2, busy: DBS.200019,
     camel_case: true, deleted: true, twice: t, ext_text: note}
  - {id: j}
taurusdb:
  - {id: tdb, name: shop, status: BUILD, htap: [i, {id: ck, engine: click-house, status: creating}, {id: j}]}
)");
    const auto& quirks = s.instances[0].quirks;
    EXPECT_EQ(quirks.total, total_count::page);
    EXPECT_TRUE(quirks.ignore_offset);
    EXPECT_EQ(quirks.move_rows, 2);
    EXPECT_EQ(quirks.busy, "DBS.200019");
    EXPECT_TRUE(quirks.camel_case);
    EXPECT_TRUE(quirks.deleted);
    EXPECT_EQ(quirks.twice, "t");
    EXPECT_EQ(quirks.ext_text, "note");
    EXPECT_EQ(s.instances[1].quirks.busy, std::nullopt);
    ASSERT_EQ(s.taurusdb.size(), 1u);
    EXPECT_EQ(s.taurusdb[0].status, "BUILD");
    ASSERT_EQ(s.taurusdb[0].htap.size(), 3u);
    EXPECT_EQ(s.taurusdb[0].htap[0].name, "orders");
    EXPECT_EQ(s.taurusdb[0].htap[0].engine, "star-rocks");
    EXPECT_EQ(s.taurusdb[0].htap[1].name, "ck");
    EXPECT_EQ(s.taurusdb[0].htap[1].status, "creating");
    EXPECT_EQ(s.taurusdb[0].htap[2].name, "j");
}

TEST(SimulatorScenario, DistributesGeneratedInstances) {
    const auto s = read("generate: {instances: 5, tasks: 0, taurusdb: 2}");
    ASSERT_EQ(s.taurusdb.size(), 2u);
    EXPECT_EQ(s.taurusdb[1].id, "00000000000000000000000000000002in07");
    ASSERT_EQ(s.taurusdb[0].htap.size(), 3u);
    ASSERT_EQ(s.taurusdb[1].htap.size(), 2u);
    EXPECT_EQ(s.taurusdb[1].htap[1].id, s.instances[3].id);
}

TEST(SimulatorScenario, ResolvesWhatAStepTakesOver) {
    const auto s = read(R"(
instances:
  - id: i
    tasks:
      - name: t
        repeat: true
        timeline:
          - {stage: full, percentage: [10, 50], for: 1s}
          - {status: No, need_repair: true, for: 2s}
          - {stage: paused, for: 3s}
          - {stage: incremental, catchup_stage: full, for: 500ms}
          - {catchup_stage: incremental, catchup_percentage: 42.5, for: 4s}
)");
    const auto& course = *s.instances[0].tasks[0].course;
    EXPECT_TRUE(course.repeat);
    ASSERT_EQ(course.steps.size(), 5u);
    const auto& fault = course.steps[1];
    EXPECT_EQ(fault.stage, "full");
    EXPECT_EQ(fault.status, "No");
    EXPECT_TRUE(fault.need_repair);
    EXPECT_EQ(fault.percentage.from, 50);
    EXPECT_EQ(fault.percentage.to, 50);
    const auto& paused = course.steps[2];
    EXPECT_EQ(paused.status, "Yes");
    EXPECT_FALSE(paused.need_repair);
    EXPECT_EQ(paused.percentage.to, 50);
    const auto& catching_up = course.steps[3];
    EXPECT_EQ(catching_up.duration, 500ms);
    EXPECT_EQ(catching_up.percentage.from, 100);
    EXPECT_EQ(catching_up.catchup_stage, "full");
    EXPECT_EQ(catching_up.catchup_percentage.to, 100);
    EXPECT_EQ(course.steps[4].stage, "incremental");
    EXPECT_EQ(course.steps[4].catchup_percentage.from, 42.5);
}

TEST(SimulatorScenario, GeneratesMany) {
    const auto s = read(R"(
generate:
  {instances: 3, tasks: 2, name: scale, wire: mixed, stagger: 10s, repeat: true,
   timeline: [{stage: incremental, for: 1m}, {stage: paused, for: 1m}]}
)");
    ASSERT_EQ(s.instances.size(), 3u);
    EXPECT_EQ(s.instances[0].name, "scale-0001");
    EXPECT_EQ(s.instances[2].id, "00000000000000000000000000000003in17");
    EXPECT_EQ(s.instances[2].id.size(), 36u);
    ASSERT_EQ(s.instances[2].tasks.size(), 2u);
    EXPECT_EQ(s.instances[2].tasks[1].name, "task_002");
    EXPECT_EQ(s.instances[2].tasks[1].begins_at, -50s);
    EXPECT_EQ(s.instances[0].tasks[0].course, s.instances[2].tasks[1].course); // shared, not copied
}

TEST(SimulatorScenario, NamesEveryMistakeWithItsPlace) {
    const std::string h = head;
    const std::string keys =
        "tokens, keys, users, projects, token_lifetime, password_lock, rate, metadata, pod_identity, "
        "identity_providers, jobs, wire, instances, generate, taurusdb, inventory, mysql";
    const std::string task = h + "instances:\n- id: i\n  tasks:\n  - name: t\n    ";
    const std::vector<std::pair<std::string, std::string>> cases{
        {"tokens: [", "s.yaml:1:1: end of sequence flow not found"},
        {"[]", "s.yaml:1:1: a scenario must be a mapping of " + keys},
        {"", "s.yaml:1:1: a scenario must be a mapping of " + keys},
        {"tokens: [t]\n", "s.yaml:1:1: a scenario needs 'projects'"},
        {"tokens: []\nprojects: [p]", "s.yaml:1:9: a scenario: 'tokens' must have an item"},
        {h + "tokens: [u]", "s.yaml:3:1: a scenario: 'tokens' is given twice"},
        {h + "token: t", "s.yaml:3:1: a scenario has no key 'token'; it has " + keys},
        {h + "wire: json", "s.yaml:3:7: a scenario: 'wire' must be strings, numbers or mixed, not 'json'"},
        {h + "instances: {}", "s.yaml:3:12: a scenario: 'instances' must be a list"},
        {h + "instances: [{name: x}]", "s.yaml:3:13: an instance needs 'id'"},
        {h + "instances: [{id: i, project: q}]",
         "s.yaml:3:30: an instance: 'project' 'q' is not one of 'projects'"},
        {"tokens: [t]\nprojects: [p, q]\ninstances: [{id: i}]",
         "s.yaml:3:13: needs 'project' where there are several"},
        {h + "instances: [{id: i}, {id: i}]", "s.yaml:1:1: two instances have the id 'i'"},
        {h + "instances: [{id: i, max_page: 0}]",
         "s.yaml:3:31: an instance: 'max_page' must be a number from 1 to 100, not '0'"},
        {h + "instances: [{id: i, max_page: 1.5}]",
         "s.yaml:3:31: an instance: 'max_page' must be a whole number, not '1.5'"},
        {h + "instances: [{id: i, tasks: [{name: t}, {name: t}]}]",
         "s.yaml:3:47: a task: 'name' is taken by another task of this instance"},
        {"projects: [p]",
         "s.yaml:1:1: a scenario needs 'tokens', 'keys', 'users', 'metadata', 'pod_identity' or "
         "'identity_providers'"},
        {h + "pod_identity: {key_lifetime: 0s}",
         "s.yaml:3:30: pod_identity: 'key_lifetime' must be more than nothing"},
        {h + "identity_providers: [{id: i}]", "s.yaml:3:22: an identity provider needs 'id_token'"},
        {h + "keys: []", "s.yaml:3:7: a scenario: 'keys' must have an item"},
        {h + "keys: [{access: a}]", "s.yaml:3:8: a key needs 'secret'"},
        {h + "keys: [{access: a, secret: s}, {access: a, secret: s}]",
         "s.yaml:3:41: a key: 'access' is taken by another key"},
        {h + "users: [{domain: d, name: n}]", "s.yaml:3:9: a user needs 'password'"},
        {h + "rate: {requests: 0}",
         "s.yaml:3:18: rate: 'requests' must be a number from 1 to 1000000, not '0'"},
        {h + "password_lock: {after: 0}",
         "s.yaml:3:24: password_lock: 'after' must be a number from 1 to 1000, not '0'"},
        {h + "instances: [{id: i, total_count_means: none}]",
         "s.yaml:3:40: an instance: 'total_count_means' must be records, page, absent, garbage or changing"},
        {h + "taurusdb: [{id: d, htap: [i]}]", "s.yaml:3:27: 'i' is not the id of one of 'instances'"},
        {h + "instances: [{id: i}]\ntaurusdb: [{id: i}]", "s.yaml:1:1: two instances have the id 'i'"},
        {task + "main: maybe", "s.yaml:7:11: a task: 'main' must be true or false, not 'maybe'"},
        {task + "start_after: 5",
         "s.yaml:7:18: a task: 'start_after' must be a duration such as 500ms, 30s or 1h30m, not '5'"},
        {task + "repeat: true", "s.yaml:7:13: a task: 'repeat' needs a 'timeline' to repeat"},
        {task + "timeline: []", "s.yaml:7:15: a task: 'timeline' must have a step"},
        {task + "timeline: [{status: No, for: 1s}]", "s.yaml:7:16: the first step needs 'stage'"},
        {task + "timeline: [{stage: full, for: 0s}]",
         "s.yaml:7:35: a step: 'for' must be longer than nothing"},
        {task + "timeline: [{stage: full}, {stage: wait}]",
         "s.yaml:7:16: only the last step, of a timeline that does not repeat, can go without 'for'"},
        {task + "repeat: true\n    timeline: [{stage: full}]",
         "s.yaml:8:16: only the last step, of a timeline that does not repeat, can go without 'for'"},
        {task + "timeline: [{stage: full, percentage: 101}]",
         "s.yaml:7:42: a step: 'percentage' must be a number from 0 to 100, or two of them as [from, to]"},
    };
    for (const auto& [yaml, expected] : cases)
        EXPECT_EQ(mistake_in(yaml), expected) << yaml;
}

TEST(SimulatorScenario, SaysWhichFileCannotBeRead) {
    EXPECT_THROW(load_scenario("/nowhere/s.yaml"), scenario_error);
}

TEST(SimulatorScenario, Durations) {
    EXPECT_EQ(parse_duration("500ms"), 500ms);
    EXPECT_EQ(parse_duration("1h30m"), 5400s);
    EXPECT_EQ(parse_duration("2d"), 48h);
    for (const char* wrong :
         {"", "5", "s", "-1s", "+1s", "1.5s", "1s ", "1w", "99999999999999999999s", "4000d", "3650d1ms"})
        EXPECT_EQ(parse_duration(wrong), std::nullopt) << wrong;
}

// What the demonstration promises: in 20 s at ten times the speed, with a poll every second, something of
// everything.
TEST(SimulatorScenario, TheDemoIsLively) {
    const auto s = load_scenario(SIMULATOR_SCENARIOS "/demo.yaml");
    ASSERT_EQ(s.instances.size(), 3u);
    int transitions = 0;
    int abnormal = 0;
    int recovered = 0;
    int repairs = 0;
    int catchups = 0;
    int vanished_temporary = 0;
    int rebuilt = 0;
    std::set<std::string> stages;
    std::size_t tasks = 0;
    for (const auto& instance : s.instances) {
        tasks += instance.tasks.size();
        EXPECT_EQ(instance.id.size(), 36u);
        EXPECT_TRUE(instance.id.ends_with("in17"));
        for (const auto& task : instance.tasks) {
            if (task.defined)
                continue;
            std::optional<moment> before = at(*task.course, 0s);
            for (auto now = 10s; now <= 200s; now += 10s) {
                const auto state = at(*task.course, now);
                if (before && state) {
                    transitions += before->stage != state->stage;
                    abnormal += before->status == "Yes" && state->status == "No";
                    recovered += before->status == "No" && state->status == "Yes";
                    repairs += !before->need_repair && state->need_repair;
                    catchups += !before->catchup_stage && state->catchup_stage;
                }
                vanished_temporary += before && !state && !task.main;
                rebuilt += !before && state && task.main;
                if (state)
                    stages.insert(state->stage);
                before = state;
            }
        }
    }
    EXPECT_EQ(tasks, 14u);
    EXPECT_GE(transitions, 10);
    EXPECT_EQ(abnormal, 2);
    EXPECT_EQ(recovered, 2);
    EXPECT_GE(repairs, 1);
    EXPECT_GE(catchups, 1);
    EXPECT_EQ(vanished_temporary, 2);
    EXPECT_GE(rebuilt, 1);
    EXPECT_THAT(stages, ElementsAre("cancelled", "full", "incremental", "paused", "wait"));
}

} // namespace
} // namespace replmond::simulator
