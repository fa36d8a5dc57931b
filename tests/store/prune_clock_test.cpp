#include "daemon/store/prune.hpp"
#include "tests/store/samples.hpp"

#include <gtest/gtest.h>

namespace replmond::store {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

struct PruneClock : ::testing::Test {
    moment now{noon, std::chrono::steady_clock::time_point(hours(1))};

    void pass(milliseconds time, milliseconds wall) {
        now.up += time;
        now.wall += wall;
    }
    void pass(milliseconds time) { pass(time, time); }
};

TEST_F(PruneClock, OfANewFileGoesWithTheWallClock) {
    prune_clock clock(std::nullopt);
    EXPECT_EQ(clock.at(now), noon);
    pass(hours(5));
    EXPECT_EQ(clock.at(now), noon + hours(5));
}

TEST_F(PruneClock, AJumpAheadIsNotBelievedForADay) {
    prune_clock clock(noon - seconds(3));
    EXPECT_EQ(clock.at(now), noon - seconds(3));
    pass(minutes(1), hours(24 * 60));
    EXPECT_EQ(clock.at(now), noon + seconds(57));
    pass(hours(24) - milliseconds(1));
    EXPECT_EQ(clock.at(now), noon + seconds(57) + hours(24) - milliseconds(1));
    pass(milliseconds(1));
    EXPECT_EQ(clock.at(now), now.wall);
}

TEST_F(PruneClock, NeverStandsAfterTheWallClock) {
    prune_clock clock(noon + hours(24 * 60)); // a wrong clock was believed
    EXPECT_EQ(clock.at(now), noon);
    pass(minutes(1), -hours(2));
    EXPECT_EQ(clock.at(now), noon - hours(2));
    pass(minutes(1), hours(2)); // and goes back as slowly as it goes ahead
    EXPECT_EQ(clock.at(now), noon - hours(2) + minutes(1));
}

TEST_F(PruneClock, AClockThatIsSlewedGoesEvenly) {
    prune_clock clock(noon - hours(24 * 60));
    for (int minute = 0; minute < 24 * 60; ++minute) {
        EXPECT_LT(clock.at(now), noon - hours(24 * 58));
        pass(minutes(1), minutes(1) + milliseconds(30)); // 500 ppm
    }
    EXPECT_EQ(clock.at(now), now.wall);
}

} // namespace
} // namespace replmond::store
