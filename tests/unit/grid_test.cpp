#include "daemon/schedule/grid.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <vector>

namespace replmond::schedule {
namespace {

using std::chrono_literals::operator""s;
using std::chrono_literals::operator""ms;

TEST(Grid, NextTick) {
    const grid g{3s, 10s};
    const std::vector<std::pair<uptime, uptime>> table{
        {0s, 3s},
        {2999ms, 3s},
        {3s, 13s},
        {3001ms, 13s},
        {12'999ms, 13s},
        {13s, 23s},
        {1'000'000s, 1'000'003s},
    };
    for (const auto& [now, next] : table)
        EXPECT_EQ(g.next_after(now), next) << now.count();
}

TEST(Grid, LatePollsCauseNoDrift) {
    const grid g{3s, 10s};
    uptime tick = g.next_after(0s);
    for (int i = 0; i < 1000; ++i)
        tick = g.next_after(tick + 1ms * (i % 10'000));
    EXPECT_EQ((tick - 3s) % 10s, 0ms);
    EXPECT_EQ(tick, 3s + 1000 * 10s);
}

TEST(Grid, TicksThatWereMissed) {
    const grid g{3s, 10s};
    struct row {
        uptime after;
        uptime until;
        std::uint64_t missed;
    };
    for (const row& r : {
             row{3s, 13s, 0}, // from one to the next
             row{3s, 23s, 1},
             row{3s, 33s, 2},
             row{3s, 33s + 1ms, 3},
             row{1s, 3s, 0}, // the first poll, off the grid
             row{1s, 13s, 1},
             row{0s, 0s, 0},
             row{5s, 5s, 0},
             row{5s, 4s, 0},
             row{3s, 3s + 10s * 1'000'000, 999'999},
         })
        EXPECT_EQ(g.ticks_between(r.after, r.until), r.missed) << r.after.count() << " " << r.until.count();
}

TEST(Grid, IsTheSameForTheSameId) {
    const grid once = grid_of("0123456789abcdef0123456789abin17", 60s);
    const grid again = grid_of("0123456789abcdef0123456789abin17", 60s);
    EXPECT_EQ(once.phase, again.phase);
    EXPECT_EQ(once.interval, 60s);
    EXPECT_NE(once.phase, grid_of("0123456789abcdef0123456789acin17", 60s).phase);
}

TEST(Grid, SpreadsAFleetOverTheInterval) {
    std::array<int, 10> tenths{};
    for (int i = 0; i < 1000; ++i) {
        const grid g = grid_of(fmt::format("{:032x}in17", i), 60s);
        ASSERT_GE(g.phase, 0ms);
        ASSERT_LT(g.phase, 60s);
        ++tenths[static_cast<std::size_t>(g.phase / 6s)];
    }
    for (const int count : tenths) {
        EXPECT_GT(count, 60);
        EXPECT_LT(count, 140);
    }
}

TEST(FirstPoll, ComesAtOnceSpreadOverTenSecondsOrTheInterval) {
    EXPECT_EQ(first_poll(0, 1, 60s), 0ms);
    EXPECT_EQ(first_poll(0, 1000, 60s), 0ms);
    EXPECT_EQ(first_poll(1, 2, 60s), 4500ms);
    EXPECT_EQ(first_poll(999, 1000, 60s), 8991ms);
    EXPECT_EQ(first_poll(1, 2, 1s), 450ms);
    EXPECT_EQ(first_poll(9, 10, 3600s), 8100ms);
    EXPECT_EQ(first_poll(0, 0, 60s), 0ms);
}

} // namespace
} // namespace replmond::schedule
