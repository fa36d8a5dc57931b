#include "daemon/core/model/event.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace replmond {
namespace {

using namespace std::chrono_literals;

TEST(LineLimit, TheFirstThenOneAnInterval) {
    struct row {
        std::chrono::milliseconds at;
        const char* kind;
        std::optional<std::uint64_t> line;
    };
    const std::vector<row> rows = {
        {0s, "/metrics", 1},    {1ms, "/metrics", std::nullopt},
        {2ms, "/", 1},          {59s, "/metrics", std::nullopt},
        {60s, "/metrics", 3},   {61s, "/metrics", std::nullopt},
        {10min, "/metrics", 2}, {10min, "/", 1},
    };
    line_limit limit(1min);
    for (const row& each : rows)
        EXPECT_EQ(limit.admit(each.kind, line_limit::time(1h) + each.at), each.line) << each.at.count();
}

TEST(LineLimit, AFloodIsALineAMinute) {
    line_limit limit(1min);
    std::uint64_t lines = 0;
    std::uint64_t said = 0;
    for (int i = 0; i <= 60'000; ++i) {
        if (const auto count = limit.admit("/", line_limit::time(10ms * i))) {
            ++lines;
            said += *count;
        }
    }
    EXPECT_EQ(lines, 11U);
    EXPECT_EQ(said, 60'001U);
}

event event_with_fields() {
    event e =
        make_event("task_gone", severity::warn, timestamp(1s), "A task is gone.", "prod", "orders", "t1");
    e.with("stage", "full").with("repeat", 12).with("main_task", true).with("reason", std::optional<int>());
    return e;
}

TEST(Event, HasItsFieldsInOrder) {
    const event e = event_with_fields();
    EXPECT_EQ(e.fields, (std::vector<std::pair<std::string, field_value>>{
                            {"stage", std::string("full")}, {"repeat", decimal{"12"}}, {"main_task", true}}));
    ASSERT_NE(e.find("repeat"), nullptr);
    EXPECT_EQ(*e.find("repeat"), field_value(decimal{"12"}));
    EXPECT_EQ(e.find("reason"), nullptr);
}

TEST(Event, TakesTheBytesOfAllItsTexts) {
    EXPECT_EQ(bytes_of(event()), sizeof(event));
    const event e = event_with_fields();
    const std::string_view texts = "task_goneA task is gone.prodorderst1stagefullrepeat12main_task";
    EXPECT_EQ(bytes_of(e), sizeof(event) + 3 * sizeof(e.fields.front()) + texts.size());
}

} // namespace
} // namespace replmond
