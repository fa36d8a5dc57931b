#include "daemon/schedule/pace.hpp"
#include "daemon/schedule/shard.hpp"
#include "daemon/schedule/stretch.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

namespace replmond::schedule {
namespace {

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
}

TEST(Shard, Words) {
    EXPECT_EQ(parse_shard("0/1"), (shard{0, 1}));
    EXPECT_EQ(parse_shard("2/3"), (shard{2, 3}));
    EXPECT_EQ(parse_shard("1023/1024"), (shard{1023, 1024}));
    for (const char* bad : {"", "/", "1", "3/3", "4/3", "-1/3", "1/-3", "0/0", "0/1025", "a/3", "1/b", " 1/3",
                            "1/3 ", "1/3/4", "+1/3", "0x1/3", "1.0/3", "99999999999/999999999999"})
        EXPECT_EQ(parse_shard(bad), std::nullopt) << bad;
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
