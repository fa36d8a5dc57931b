#include "tests/simulator/scenario.hpp"
#include "tests/simulator/world.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace replmond::simulator {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using namespace std::chrono_literals;

// One instance `i` in a world of its own.
struct one_instance {
    explicit one_instance(const std::string& tasks)
        : cloud(read_scenario("tokens: [t]\nprojects: [p]\ninstances:\n- id: i\n  tasks:\n" + tasks,
                              "s.yaml")) {}

    const instance_spec& instance() const { return *cloud.find_instance("i"); }

    // `stage status percentage` of each listed task.
    std::vector<std::string> at(virtual_time now) const {
        std::vector<std::string> lines;
        for (const auto& task : cloud.list(instance(), now)) {
            auto percentage = std::to_string(task.now.percentage);
            percentage.resize(percentage.find('.') + 2);
            lines.push_back(task.name + " " + task.now.stage + " " + task.now.status + " " + percentage);
        }
        return lines;
    }

    world cloud;
};

TEST(SimulatorWorld, ATaskOverTime) {
    const one_instance w(R"(
  - name: t
    start_after: 5s
    timeline:
      - {stage: wait, for: 10s}
      - {stage: full, for: 30s}
      - {stage: incremental, for: 10s}
      - {status: No, for: 10s}
      - {stage: paused, for: 10s}
      - {stage: cancelled, for: 10s}
      - {stage: gone}
)");
    const std::vector<std::pair<virtual_time, std::string>> table{
        {0s, ""},
        {5s, "t wait Yes 0.0"},
        {15s, "t full Yes 0.0"},
        {16s, "t full Yes 3.3"},
        {30s, "t full Yes 50.0"},
        {45s - virtual_time{1}, "t full Yes 99.9"}, // 100 only when it is done
        {45s, "t incremental Yes 100.0"},
        {55s, "t incremental No 100.0"},
        {65s, "t paused Yes 100.0"},
        {75s, "t cancelled Yes 100.0"},
        {85s, ""},
        {900s, ""},
    };
    for (const auto& [now, expected] : table) {
        if (expected.empty())
            EXPECT_THAT(w.at(now), IsEmpty()) << now.count();
        else
            EXPECT_THAT(w.at(now), ElementsAre(expected)) << now.count();
    }
}

TEST(SimulatorWorld, TheLastStepStaysAsItEnded) {
    const one_instance w(
        "  - {name: t, timeline: [{stage: full, for: 10s}, {stage: full, percentage: [0, 80], for: 5s}]}");
    EXPECT_THAT(w.at(500s), ElementsAre("t full Yes 80.0"));
}

TEST(SimulatorWorld, RepeatsForEver) {
    const one_instance w(
        "  - {name: t, repeat: true, timeline: [{stage: full, for: 10s}, {stage: gone, for: 5s}]}");
    EXPECT_THAT(w.at(3s), ElementsAre("t full Yes 30.0"));
    EXPECT_THAT(w.at(14s), IsEmpty());
    EXPECT_THAT(w.at(15s), ElementsAre("t full Yes 0.0"));
    EXPECT_THAT(w.at(15s * 1000 + 9s), ElementsAre("t full Yes 90.0"));
}

TEST(SimulatorWorld, AGeneratedTaskCanHaveBegunBefore) {
    const world cloud(
        read_scenario("tokens: [t]\nprojects: [p]\n"
                      "generate: {instances: 1, tasks: 2, stagger: 4s, timeline: [{stage: full, for: 8s}]}",
                      "s.yaml"));
    const auto tasks = cloud.list(cloud.instances().front(), 0s);
    ASSERT_EQ(tasks.size(), 2u);
    EXPECT_EQ(tasks[0].now.percentage, 0);
    EXPECT_EQ(tasks[1].now.percentage, 50);
}

TEST(SimulatorWorld, OrdinalsDoNotMoveWhenOthersVanish) {
    const one_instance w("  - {name: a, timeline: [{stage: gone}]}\n  - {name: b}");
    const auto tasks = w.cloud.list(w.instance(), 0s);
    ASSERT_EQ(tasks.size(), 1u);
    EXPECT_EQ(tasks[0].ordinal, 1u);
}

constexpr auto defined_task =
    "  - {name: t, source_database: s, target_database: g, defined: true,\n"
    "     timeline: [{stage: wait, for: 10s}, {stage: full, for: 10s}, {stage: incremental}]}";

TEST(SimulatorWorld, ADefinedTaskWaitsUntilItIsStarted) {
    one_instance w(defined_task);
    EXPECT_THAT(w.at(1000s), ElementsAre("t wait Yes 0.0"));
    EXPECT_EQ(w.cloud.start(w.instance(), {"t", "s", "g"}, 1000s), change_result::done);
    EXPECT_THAT(w.at(1000s), ElementsAre("t full Yes 0.0"));
    EXPECT_THAT(w.at(1005s), ElementsAre("t full Yes 50.0"));
    EXPECT_THAT(w.at(1010s), ElementsAre("t incremental Yes 100.0"));
    EXPECT_EQ(w.cloud.start(w.instance(), {"t", "s", "g"}, 1011s), change_result::wrong_state);
}

TEST(SimulatorWorld, StartsWhatWaitsOrHasNotBegunAndNothingElse) {
    one_instance w(R"(
  - {name: waiting, timeline: [{stage: wait, for: 60s}, {stage: full, for: 10s}]}
  - {name: later, start_after: 60s, timeline: [{stage: full, for: 10s}]}
  - {name: past, timeline: [{stage: gone}]}
  - {name: running}
)");
    const auto start = [&](const std::string& name) {
        return w.cloud.start(w.instance(), {name, name, name}, 5s);
    };
    EXPECT_EQ(start("waiting"), change_result::done);
    EXPECT_EQ(start("later"), change_result::done);
    EXPECT_EQ(start("past"), change_result::unknown_task);
    EXPECT_EQ(start("nobody"), change_result::unknown_task);
    EXPECT_EQ(start("running"), change_result::wrong_state);
    EXPECT_THAT(w.at(10s),
                ElementsAre("waiting full Yes 50.0", "later full Yes 50.0", "running incremental Yes 100.0"));
}

TEST(SimulatorWorld, RefusesToStartBetweenOtherDatabases) {
    one_instance w(defined_task);
    EXPECT_EQ(w.cloud.start(w.instance(), {"t", "g", "s"}, 0s), change_result::other_databases);
    EXPECT_THAT(w.at(20s), ElementsAre("t wait Yes 0.0"));
}

TEST(SimulatorWorld, OverridesAreStrongerThanTheTimeline) {
    one_instance w("  - {name: t}");
    EXPECT_EQ(w.cloud.find_overrides(w.instance(), "u"), nullptr);
    auto* changes = w.cloud.find_overrides(w.instance(), "t");
    ASSERT_NE(changes, nullptr);
    changes->stage = "paused";
    changes->percentage = 12.5;
    changes->main = false;
    changes->source_database = "other";
    const auto tasks = w.cloud.list(w.instance(), 0s);
    ASSERT_EQ(tasks.size(), 1u);
    EXPECT_EQ(tasks[0].now.stage, "paused");
    EXPECT_EQ(tasks[0].now.percentage, 12.5);
    EXPECT_FALSE(tasks[0].main);
    EXPECT_EQ(tasks[0].source_database, "other");
    *changes = {};
    EXPECT_THAT(w.at(0s), ElementsAre("t incremental Yes 100.0"));
}

TEST(SimulatorWorld, HidesShowsAndAddsTasks) {
    one_instance w("  - {name: t}\n  - {name: past, timeline: [{stage: gone}]}");
    w.cloud.find_overrides(w.instance(), "t")->listed = overrides::presence::hidden;
    w.cloud.find_overrides(w.instance(), "past")->listed = overrides::presence::shown;
    w.cloud.add_task(w.instance(), "new").stage = "wait";
    EXPECT_THAT(w.at(0s), ElementsAre("past incremental Yes 100.0", "new wait Yes 100.0"));
    EXPECT_EQ(w.cloud.start(w.instance(), {"t", "t", "t"}, 0s), change_result::unknown_task);
    EXPECT_EQ(w.cloud.start(w.instance(), {"new", "new", "new"}, 0s), change_result::done);
    EXPECT_THAT(w.at(0s), ElementsAre("past incremental Yes 100.0", "new incremental Yes 100.0"));
}

} // namespace
} // namespace replmond::simulator
