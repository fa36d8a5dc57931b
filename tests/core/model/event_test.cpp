#include "daemon/core/model/event.hpp"

#include <gtest/gtest.h>

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

} // namespace
} // namespace replmond
