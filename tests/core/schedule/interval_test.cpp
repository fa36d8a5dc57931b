#include "daemon/core/schedule/interval.hpp"
#include "daemon/core/schedule/request_budget.hpp"
#include "daemon/core/schedule/shard.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <string>
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

using std::chrono_literals::operator""min;
using std::chrono_literals::operator""s;
using std::chrono_literals::operator""ms;

const std::string id = "0123456789abcdef0123456789abcdefin17";

TEST(Pace, SlowsDownStepByStepAfterFiveFailures) {
    pace rhythm(id, 10s);
    std::vector<milliseconds> intervals;
    for (int i = 0; i < 10; ++i) {
        rhythm.failed();
        intervals.push_back(rhythm.in_force());
    }
    EXPECT_EQ(intervals, (std::vector<milliseconds>{10s, 10s, 10s, 10s, 20s, 40s, 80s, 80s, 80s, 80s}));
    rhythm.succeeded();
    EXPECT_EQ(rhythm.in_force(), 10s);
}

TEST(Pace, TheSlowTicksAreSomeOfTheQuickOnes) {
    pace rhythm(id, 10s);
    const grid quick = rhythm.ticks();
    for (int i = 0; i < 7; ++i)
        rhythm.failed();
    const uptime slow = rhythm.ticks().next_after(1000s);
    EXPECT_EQ(quick.next_after(slow - 1ms), slow);
    EXPECT_EQ(rhythm.ticks().next_after(slow), slow + 80s);
}

TEST(Pace, StretchedAndSlowedTogether) {
    pace rhythm(id, 10s);
    rhythm.stretch(1.25);
    EXPECT_EQ(rhythm.in_force(), 12'500ms);
    for (int i = 0; i < 5; ++i)
        rhythm.failed();
    EXPECT_EQ(rhythm.in_force(), 25s);
    EXPECT_EQ(rhythm.configured(), 10s);
}

TEST(Pace, ARoundingErrorAddsNoMillisecond) {
    pace rhythm(id, std::chrono::hours(1));
    rhythm.stretch(64.15);
    for (int i = 0; i < 7; ++i)
        rhythm.failed();
    EXPECT_EQ(rhythm.in_force(), 1'847'520'000ms); // in binary it is a little more
}

TEST(Stretch, OnlyAbove80Percent) {
    // 160 a window of 200 fit.
    EXPECT_EQ(plan_stretch(160.0 / 300'000, 5min, 200, 1).factor, 1);
    const auto plan = plan_stretch(161.0 / 300'000, 5min, 200, 1);
    EXPECT_DOUBLE_EQ(plan.planned, 161);
    EXPECT_EQ(plan.allowed, 200);
    EXPECT_DOUBLE_EQ(plan.factor, 1.05);
}

TEST(Stretch, UntilTheyFit) {
    for (const double planned : {161.0, 200.0, 333.0, 1500.0, 99'999.0}) {
        const auto plan = plan_stretch(planned / 300'000, 5min, 200, 1);
        EXPECT_LE(planned / plan.factor, 160 + 1e-6);
        EXPECT_GE(planned / plan.factor, 160 / 1.06);
    }
}

TEST(Stretch, KeepsWhatFitsAndIsNotFarTooMuch) {
    const auto factor_for = [](double planned, double before) {
        return plan_stretch(planned / 300'000, 5min, 200, before).factor;
    };
    EXPECT_DOUBLE_EQ(factor_for(320, 2.1), 2.1);
    EXPECT_DOUBLE_EQ(factor_for(300, 2.1), 1.9); // would fit with 1.9
    EXPECT_DOUBLE_EQ(factor_for(350, 2.1), 2.2);
    EXPECT_DOUBLE_EQ(factor_for(10, 2.1), 1);
    EXPECT_DOUBLE_EQ(factor_for(10, 1.05), 1);
    EXPECT_DOUBLE_EQ(factor_for(290, 1.9), 1.9);
    // Twice what fits, without any rounding: what is a tenth too much is kept.
    EXPECT_EQ(plan_stretch(1, 320ms, 200, 2.2).factor, 2.2);
    EXPECT_EQ(plan_stretch(1, 320ms, 200, 2.25).factor, 2);
    EXPECT_EQ(plan_stretch(1, 320ms, 200, 1).factor, 2);
}

TEST(Shard, Words) {
    EXPECT_EQ(parse_shard("0/1", "").found, (shard{0, 1}));
    EXPECT_EQ(parse_shard("2/3", "host-1").found, (shard{2, 3}));
    EXPECT_EQ(parse_shard("1023/1024", "").found, (shard{1023, 1024}));
    for (const std::string bad :
         {"",         "/",         "1",          "3/3",           "4/3",        "-1/3",
          "1/-3",     "0/0",       "0/1025",     "a/3",           "1/b",        " 1/3",
          "1/3 ",     "1/3/4",     "+1/3",       "0x1/3",         "1.0/3",      "99999999999/999999999999",
          "hostname", "hostname/", "hostname/0", "hostname/1025", "Hostname/3", "hostname/x"}) {
        const auto read = parse_shard(bad, "replmond-0");
        EXPECT_EQ(read.found, std::nullopt) << bad;
        EXPECT_EQ(read.mistake, "expected i/n or hostname/n with 0 <= i < n <= 1024, got \"" + bad + '"');
    }
}

TEST(Shard, IsTheNumberAtTheEndOfTheHostsName) {
    const std::vector<std::pair<std::string, int>> table{
        {"replmond-0", 0}, {"replmond-2", 2}, {"replmond-11", 11}, {"replmond-2.headless.ns9", 2},
        {"shard7", 7},     {"3", 3},          {"a-007", 7},
    };
    for (const auto& [host, index] : table)
        EXPECT_EQ(parse_shard("hostname/12", host).found, (shard{index, 12})) << host;
    for (const std::string host : {"", "replmond", "replmond-12", "replmond-2a", "2-replmond",
                                   "replmond-99999999999", "replmond.2", "-"}) {
        const auto read = parse_shard("hostname/12", host);
        EXPECT_EQ(read.found, std::nullopt) << host;
        EXPECT_EQ(read.mistake,
                  "expected a host name that ends in a number from 0 to 11, because hostname/12 "
                  "takes its shard from there, got \"" +
                      host + '"');
    }
}

TEST(Shard, EachInstanceIsOnExactlyOne) {
    for (const int count : {1, 2, 3, 7, 16}) {
        std::vector<int> sizes(static_cast<std::size_t>(count));
        for (int i = 0; i < 3000; ++i) {
            const std::string instance = fmt::format("{:032x}in17", i * 7919);
            int owners = 0;
            for (int k = 0; k < count; ++k) {
                if (shard{k, count}.owns(instance)) {
                    ++owners;
                    ++sizes[static_cast<std::size_t>(k)];
                }
            }
            ASSERT_EQ(owners, 1) << instance;
        }
        for (const int size : sizes) {
            EXPECT_GT(size, 3000 / count * 0.7) << count;
            EXPECT_LT(size, 3000 / count * 1.3) << count;
        }
    }
}

// A new release must not move instances between daemons that are updated one after another.
TEST(Shard, OwnsTheSameInEveryRelease) {
    std::vector<int> owners;
    for (int i = 0; i < 24; ++i) {
        for (int k = 0; k < 8; ++k) {
            if (shard{k, 8}.owns(fmt::format("{:032x}in17", i)))
                owners.push_back(k);
        }
    }
    EXPECT_EQ(owners,
              (std::vector<int>{1, 6, 5, 2, 3, 7, 5, 3, 6, 5, 2, 7, 0, 1, 3, 6, 1, 6, 3, 3, 6, 5, 7, 6}));
}

TEST(Shard, OneMoreTakesItsPartAndMovesNoOthers) {
    for (const int count : {1, 3, 9}) {
        int moved = 0;
        for (int i = 0; i < 3000; ++i) {
            const std::string instance = fmt::format("{:032x}in17", i);
            for (int k = 0; k < count; ++k) {
                const bool before = shard{k, count}.owns(instance);
                const bool after = shard{k, count + 1}.owns(instance);
                EXPECT_FALSE(!before && after) << "moved between shards that were there";
                moved += before && !after ? 1 : 0;
            }
        }
        EXPECT_GT(moved, 3000 / (count + 1) * 0.8);
        EXPECT_LT(moved, 3000 / (count + 1) * 1.2);
    }
}

} // namespace

} // namespace replmond::schedule
