#include "daemon/core/model/task_severity.hpp"

#include <gtest/gtest.h>

namespace replmond {
namespace {

task_reading reading(std::optional<status> how, stage is, std::optional<bool> repair = false) {
    task_reading task;
    task.status = how;
    task.stage = is;
    task.needs_repair = repair;
    return task;
}

TEST(TaskSeverity, TheFirstThatHoldsCounts) {
    struct row {
        task_reading task;
        task_circumstances besides;
        task_severity severity;
    };
    const task_circumstances nothing;
    const task_circumstances both{true, true};
    const row table[] = {
        {reading(status::no, stage::unknown, true), both, task_severity::abnormal},
        {reading(std::nullopt, stage::unknown, true), both, task_severity::needs_repair},
        {reading(std::nullopt, stage::unknown), both, task_severity::lag_exceeded},
        {reading(std::nullopt, stage::unknown), {false, true, true}, task_severity::no_progress},
        {reading(std::nullopt, stage::unknown), {false, true}, task_severity::stale},
        {reading(std::nullopt, stage::incremental), nothing, task_severity::not_known},
        {reading(status::yes, stage::unknown), nothing, task_severity::not_known},
        {reading(status::yes, stage::cancelled), nothing, task_severity::cancelled},
        {reading(status::yes, stage::paused), nothing, task_severity::paused},
        {reading(status::yes, stage::wait), nothing, task_severity::copying},
        {reading(status::yes, stage::full), nothing, task_severity::copying},
        {reading(status::yes, stage::incremental, std::nullopt), nothing, task_severity::incremental},
    };
    for (const row& each : table)
        EXPECT_EQ(severity_of(each.task, each.besides), each.severity) << static_cast<int>(each.severity);
}

TEST(StatusWords, BothWaysOfSayingIt) {
    for (const char* word : {"normal", "yes", "Yes", "NORMAL"})
        EXPECT_EQ(parse_status_word(word), status_word::normal) << word;
    for (const char* word : {"abnormal", "no", "No"})
        EXPECT_EQ(parse_status_word(word), status_word::abnormal) << word;
    EXPECT_EQ(parse_status_word("Unknown"), status_word::unknown);
    for (const char* word : {"", "any", "ye", "normal "})
        EXPECT_EQ(parse_status_word(word), std::nullopt) << word;
    EXPECT_TRUE(has_status(reading(status::yes, stage::wait), status_word::normal));
    EXPECT_FALSE(has_status(reading(std::nullopt, stage::wait), status_word::normal));
    EXPECT_TRUE(has_status(reading(status::no, stage::wait), status_word::abnormal));
    EXPECT_FALSE(has_status(reading(status::yes, stage::wait), status_word::abnormal));
    EXPECT_TRUE(has_status(reading(std::nullopt, stage::wait), status_word::unknown));
    EXPECT_FALSE(has_status(reading(status::no, stage::wait), status_word::unknown));
}

} // namespace
} // namespace replmond
