#include "daemon/core/terminal/task_table.hpp"
#include "daemon/core/terminal/text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

namespace replmond::terminal {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

listed_task task(const std::string& instance, const std::string& name) {
    listed_task t;
    t.instance = instance;
    t.task.name = name;
    t.task.source_database = "orders";
    t.task.target_database = "orders_sr";
    t.task.status = status::yes;
    t.task.stage = stage::incremental;
    t.task.percentage = 100;
    t.task.needs_repair = false;
    return t;
}

std::vector<listed_task> some() {
    std::vector<listed_task> all{task("orders", "orders_main"), task("orders", "订单同步"), task("b", "t3")};
    all[1].task.status = status::no;
    all[1].task.stage = stage::full;
    all[1].task.percentage = 42.5;
    all[1].task.catchup_stage = stage::full;
    all[1].task.catchup_percentage = 3;
    all[1].task.needs_repair = true;
    all[2].task = task_reading();
    all[2].task.name = "t3";
    all[2].task.stage_raw = "Odd\x1b[2J";
    return all;
}

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);)
        lines.push_back(line);
    return lines;
}

TEST(TaskTable, IsAligned) {
    EXPECT_EQ(
        task_table(some(), {}),
        "INSTANCE  TASK         SOURCE -> TARGET     STATUS    STAGE        PROGRESS  CATCH-UP  REPAIR\n"
        "orders    orders_main  orders -> orders_sr  normal    incremental  100%      -         no\n"
        "orders    订单同步     orders -> orders_sr  ABNORMAL  full         42.5%     full 3%   NEEDED\n"
        "b         t3           ? -> ?               -         Odd\\x1b[2J   -         -         -\n");
    EXPECT_EQ(task_table({}, {}), "");
}

TEST(TaskTable, FitsTheTerminalWhateverItsWidth) {
    auto all = some();
    all[0].instance = std::string(300, 'x');
    all[1].task.name = "订单同步订单同步订单同步订单同步订单同步订单同步";
    for (std::size_t width = 1; width < 200; ++width) {
        table_style style;
        style.width = width;
        for (const std::string& line : lines_of(task_table(all, style)))
            EXPECT_LE(width_of(line), width) << line;
    }
}

std::string table_at(const std::vector<listed_task>& tasks, std::size_t width) {
    table_style style;
    style.width = width;
    return task_table(tasks, style);
}

std::string head_at(const std::vector<listed_task>& tasks, std::size_t width) {
    return lines_of(table_at(tasks, width))[0];
}

TEST(TaskTable, ColumnsGoOneAfterTheOther) {
    EXPECT_EQ(table_at(some(), 93), task_table(some(), {}));
    EXPECT_EQ(head_at(some(), 92),
              "INSTANCE  TASK         STATUS    STAGE        PROGRESS  CATCH-UP  REPAIR");
    EXPECT_EQ(head_at(some(), 72),
              "INSTANCE  TASK         STATUS    STAGE        PROGRESS  CATCH-UP  REPAIR");
    EXPECT_EQ(head_at(some(), 71), "INSTANCE  TASK         STATUS    STAGE        PROGRESS  REPAIR");
    EXPECT_EQ(head_at(some(), 61), "INSTANCE  TASK         STATUS    STAGE        REPAIR");
    EXPECT_EQ(head_at(some(), 51), "INSTANCE  TASK         STATUS    REPAIR");
    EXPECT_EQ(head_at(some(), 38), "INSTANCE  TASK         STATUS");
    EXPECT_EQ(table_at(some(), 31), "INSTANCE  TASK         STATUS\n"
                                    "orders    orders_main  normal\n"
                                    "orders    订单同步     ABNORMAL\n"
                                    "b         t3           -\n");
}

TEST(TaskTable, NamesAreCutLast) {
    EXPECT_EQ(table_at(some(), 30), "INSTANCE  TASK        STATUS\n"
                                    "orders    order…main  normal\n"
                                    "orders    订单同步    ABNORMAL\n"
                                    "b         t3          -\n");
    EXPECT_EQ(table_at(some(), 20), "INSTANCE  TASK\n"
                                    "orders    orde…ain\n"
                                    "orders    订单同步\n"
                                    "b         t3\n"); // no name has less than 8, so the lines are cut
}

TEST(TaskTable, WhatSaysNothingGoesFirst) {
    const std::vector<listed_task> dull{task("orders", "orders_main")};
    EXPECT_EQ(head_at(dull, 93),
              "INSTANCE  TASK         SOURCE -> TARGET     STATUS  STAGE        PROGRESS  CATCH-UP  REPAIR");
    EXPECT_EQ(head_at(dull, 90),
              "INSTANCE  TASK         SOURCE -> TARGET     STATUS  STAGE        PROGRESS  REPAIR");
    EXPECT_EQ(head_at(dull, 78), "INSTANCE  TASK         SOURCE -> TARGET     STATUS  STAGE        PROGRESS");
    EXPECT_EQ(head_at(dull, 72), "INSTANCE  TASK         STATUS  STAGE        PROGRESS");
}

TEST(TaskTable, WideHasEverythingInFullLength) {
    table_style style;
    style.width = 40;
    style.wide = true;
    auto all = some();
    all[0].project = "prod";
    all[0].task.main_task = false;
    EXPECT_EQ(
        lines_of(task_table(all, style))[1],
        "prod     orders    orders_main  orders -> orders_sr  temporary  normal    incremental  100%      -  "
        "       no");
}

TEST(TaskTable, LagWhereItIsMeasured) {
    auto all = some();
    all[0].lag_is_measured = true;
    all[0].lag = milliseconds(2'140);
    all[2].lag_exceeded = true;
    const auto lines = lines_of(table_at(all, 200));
    EXPECT_THAT(lines[0], HasSubstr("  PROGRESS  LAG   CATCH-UP  "));
    EXPECT_THAT(lines[1], HasSubstr("  100%      2.1s  -  "));
    EXPECT_THAT(lines[2], HasSubstr("  42.5%     -     full 3%  "));
    EXPECT_EQ(head_at(all, 60), "INSTANCE  TASK         STATUS    STAGE        LAG   REPAIR");
    EXPECT_EQ(head_at(all, 45), "INSTANCE  TASK         STATUS    LAG   REPAIR");
    EXPECT_EQ(head_at(all, 40), "INSTANCE  TASK         STATUS    REPAIR");
}

TEST(TaskTable, LagInWords) {
    const std::pair<std::optional<milliseconds>, const char*> table[] = {
        {std::nullopt, "-"},           {milliseconds(0), "0.0s"},     {milliseconds(9'999), "9.9s"},
        {milliseconds(-350), "-0.3s"}, {milliseconds(12'900), "12s"}, {std::chrono::minutes(65), "1h05m"},
    };
    for (const auto& [lag, words] : table)
        EXPECT_EQ(lag_words(lag), words);
}

TEST(TaskTable, ColoursWhatNeedsALook) {
    table_style style;
    style.colours = true;
    const auto coloured_row = [&style](stage is, std::optional<status> how, std::optional<bool> repair) {
        listed_task one = task("orders", "t");
        one.task.stage = is;
        one.task.status = how;
        one.task.needs_repair = repair;
        const std::string line = lines_of(task_table({one}, style))[1];
        return line.substr(line.find("orders_sr") + 11);
    };
    EXPECT_EQ(coloured_row(stage::incremental, status::yes, false),
              "\x1b[32mnormal\x1b[0m  incremental  100%      -         no");
    EXPECT_EQ(coloured_row(stage::full, status::no, true),
              "\x1b[1;31mABNORMAL\x1b[0m  full   100%      -         \x1b[1;33mNEEDED\x1b[0m");
    EXPECT_EQ(coloured_row(stage::paused, std::nullopt, std::nullopt),
              "-       \x1b[33mpaused\x1b[0m  100%      -         -");
    EXPECT_EQ(coloured_row(stage::unknown, std::nullopt, std::nullopt),
              "-       \x1b[33munknown\x1b[0m  100%      -         -");
    EXPECT_EQ(coloured_row(stage::cancelled, std::nullopt, std::nullopt),
              "-       \x1b[31mcancelled\x1b[0m  100%      -         -");
}

TEST(TaskTable, OnlyAnUnknownStageIsShownWithTheCloudsWord) {
    EXPECT_EQ(stage_words(stage::unknown, "Odd"), "Odd");
    EXPECT_EQ(stage_words(stage::unknown, std::nullopt), "unknown");
    EXPECT_EQ(stage_words(stage::full, "Odd"), "full");
}

TEST(TaskTable, ColoursTakeNoRoom) {
    table_style plain;
    plain.width = 70;
    table_style coloured = plain;
    coloured.colours = true;
    const std::string text = task_table(some(), coloured);
    EXPECT_THAT(text, HasSubstr("\x1b[1;31mABNORMAL\x1b[0m"));
    EXPECT_THAT(task_table(some(), plain), Not(HasSubstr("\x1b")));
    std::string without;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\x1b')
            i = text.find('m', i);
        else
            without += text[i];
    }
    EXPECT_EQ(without, task_table(some(), plain));
}

} // namespace
} // namespace replmond::terminal
