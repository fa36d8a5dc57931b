#include "daemon/core/terminal/task_list.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace replmond::terminal {
namespace {

using ::testing::ElementsAre;

listed_task on(const std::string& instance, const std::string& name, std::optional<status> how = status::yes,
               stage is = stage::incremental) {
    listed_task one;
    one.project = "p";
    one.instance = instance;
    one.task.name = name;
    one.task.status = how;
    one.task.stage = is;
    return one;
}

std::vector<listed_task> listed() {
    std::vector<listed_task> all = {on("a", "normal"),
                                    on("a", "paused", status::yes, stage::paused),
                                    on("b", "abnormal", status::no),
                                    on("b", "behind"),
                                    on("b", "repair"),
                                    on("c", "bare", std::nullopt, stage::full),
                                    on("c", "a_normal")};
    all[3].lag_exceeded = true;
    all[4].task.needs_repair = true;
    return all;
}

std::vector<std::string> names(const list_filter& filter, list_order order) {
    auto all = listed();
    select_tasks(all, filter, order);
    std::vector<std::string> found;
    for (const listed_task& one : all)
        found.push_back(one.task.name);
    return found;
}

TEST(TaskList, Orders) {
    EXPECT_THAT(names({}, list_order::worst),
                ElementsAre("abnormal", "repair", "behind", "bare", "paused", "normal", "a_normal"));
    EXPECT_THAT(names({}, list_order::name),
                ElementsAre("a_normal", "abnormal", "bare", "behind", "normal", "paused", "repair"));
    EXPECT_THAT(names({}, list_order::instance),
                ElementsAre("normal", "paused", "abnormal", "behind", "repair", "a_normal", "bare"));
}

TEST(TaskList, Filters) {
    list_filter filter;
    filter.statuses = {status_word::abnormal, status_word::unknown};
    EXPECT_THAT(names(filter, list_order::name), ElementsAre("abnormal", "bare"));
    filter.stages = {stage::full, stage::paused};
    EXPECT_THAT(names(filter, list_order::name), ElementsAre("bare"));
    filter.statuses.clear();
    EXPECT_THAT(names(filter, list_order::name), ElementsAre("bare", "paused"));
}

TEST(TaskList, Footer) {
    auto all = listed();
    EXPECT_EQ(footer_words(count_tasks(all), 7), "7 tasks: 1 abnormal, 1 needs repair, 1 behind");
    all[3].lag_exceeded = false;
    EXPECT_EQ(footer_words(count_tasks(all), 2), "7 tasks: 1 abnormal, 1 needs repair; 2 shown");
    EXPECT_EQ(footer_words(count_tasks({on("a", "t")}), 1), "1 task: 0 abnormal, 0 need repair");
    EXPECT_EQ(footer_words({600, 11, 15, 0}, 600), "600 tasks: 11 abnormal, 15 need repair");
}

} // namespace
} // namespace replmond::terminal
