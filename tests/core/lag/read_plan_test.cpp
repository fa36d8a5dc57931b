#include "daemon/core/lag/read_plan.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

namespace replmond::lag {
namespace {

using ::testing::ElementsAre;

instance_state instance_with(const std::vector<task_reading>& readings) {
    instance_state of;
    for (const task_reading& reading : readings)
        of.tasks[reading.name].reading = reading;
    return of;
}

task_reading reading_of(const std::string& name, std::optional<std::string> source,
                        std::optional<std::string> target) {
    task_reading reading;
    reading.name = name;
    reading.source_database = std::move(source);
    reading.target_database = std::move(target);
    return reading;
}

// "task: table <- source", and "-" where there is none.
std::vector<std::string> shown_plan(const read_plan& plan) {
    std::vector<std::string> lines;
    for (const planned_task& task : plan.tasks)
        lines.push_back(task.task + ": " + (task.table ? to_string(*task.table) : "-") + " <- " +
                        (task.source ? to_string(*task.source) : "-"));
    return lines;
}

std::vector<std::string> shown_tables(const std::vector<config::table_name>& tables) {
    std::vector<std::string> names;
    for (const auto& table : tables)
        names.push_back(to_string(table));
    return names;
}

TEST(ReadPlan, EachTaskHasATableInItsOwnDatabase) {
    config::lag_settings settings;
    const auto of = instance_with({reading_of("a", "shop", "shop_sr"), reading_of("b", "crm", "crm_sr")});
    EXPECT_THAT(shown_plan(plan_read(settings, of)),
                ElementsAre("a: shop_sr.heartbeat <- -", "b: crm_sr.heartbeat <- -"));
    settings.source.emplace();
    settings.source->table = settings.table;
    const auto plan = plan_read(settings, of);
    EXPECT_THAT(shown_plan(plan), ElementsAre("a: shop_sr.heartbeat <- shop.heartbeat",
                                              "b: crm_sr.heartbeat <- crm.heartbeat"));
    EXPECT_THAT(shown_tables(plan.tables), ElementsAre("shop_sr.heartbeat", "crm_sr.heartbeat"));
    EXPECT_THAT(shown_tables(plan.source_tables), ElementsAre("shop.heartbeat", "crm.heartbeat"));
}

TEST(ReadPlan, ASharedTableIsReadOnce) {
    config::lag_settings settings;
    settings.table = {"ops", "beat"};
    settings.tasks["b"] = {"", "own"};
    settings.tasks["c"] = {"x", "y"};
    const auto plan =
        plan_read(settings, instance_with({reading_of("a", {}, "a_sr"), reading_of("b", {}, "b_sr"),
                                           reading_of("c", {}, {}), reading_of("d", {}, "ALL")}));
    EXPECT_THAT(shown_plan(plan),
                ElementsAre("a: ops.beat <- -", "b: b_sr.own <- -", "c: x.y <- -", "d: ops.beat <- -"));
    EXPECT_THAT(shown_tables(plan.tables), ElementsAre("ops.beat", "b_sr.own", "x.y"));
}

TEST(ReadPlan, TasksWithoutOneDatabaseNeedATableOfTheirOwn) {
    config::lag_settings settings;
    settings.source.emplace();
    settings.source->table = settings.table;
    const auto plan =
        plan_read(settings, instance_with({reading_of("a", "ALL", "all"), reading_of("b", "x,y", "xy"),
                                           reading_of("c", {}, {}), reading_of("d", "", "")}));
    EXPECT_THAT(shown_plan(plan), ElementsAre("a: - <- -", "b: xy.heartbeat <- -", "c: - <- -", "d: - <- -"));
    EXPECT_THAT(shown_tables(plan.tables), ElementsAre("xy.heartbeat"));
    EXPECT_THAT(plan.source_tables, ElementsAre());
}

TEST(ReadPlan, TemporaryTasksAreLeftOut) {
    auto temporary = reading_of("t", "shop", "shop_sr");
    temporary.main_task = false;
    EXPECT_THAT(shown_plan(plan_read({}, instance_with({temporary}))), ElementsAre());
}

TEST(Statements, QuoteNames) {
    EXPECT_EQ(select_statement({"shop", "heartbeat"}, "ts"), "SELECT MAX(`ts`) FROM `shop`.`heartbeat`");
    EXPECT_EQ(select_statement({"a`b; DROP TABLE x", "c"}, "t`s"),
              "SELECT MAX(`t``s`) FROM `a``b; DROP TABLE x`.`c`");
    EXPECT_EQ(upsert_statement({"shop", "heartbeat"}, "ts"),
              "INSERT INTO `shop`.`heartbeat` (`id`, `ts`) VALUES (1, TIMESTAMPDIFF(MICROSECOND, '1970-01-01 "
              "00:00:00', "
              "UTC_TIMESTAMP(6))) ON DUPLICATE KEY UPDATE `ts` = VALUES(`ts`)");
}

} // namespace
} // namespace replmond::lag
