#include "daemon/core/schedule/request_budget.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <deque>
#include <random>

namespace replmond::schedule {
namespace {

using std::chrono_literals::operator""min;
using std::chrono_literals::operator""s;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""us;
using std::chrono::microseconds;

/// Sends as soon as it may; each request takes a second.
void spend(request_budget& budget, int requests, uptime& now, purpose what = purpose::poll) {
    for (int i = 0; i < requests; ++i) {
        const auto at = budget.earliest(what, now);
        ASSERT_TRUE(at);
        now = std::max(now, *at);
        budget.begin(what, false, now);
        now += 1s;
        budget.end(what, false, now);
    }
}

TEST(RequestBudget, LetsAWindowFullGoAtOnce) {
    request_budget budget({3, 60s});
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(budget.earliest(purpose::poll, 0s), 0s);
        budget.begin(purpose::poll, false, 0s);
    }
    EXPECT_EQ(budget.used(0s), 3);
    EXPECT_EQ(budget.earliest(purpose::poll, 0s), std::nullopt); // one of those has to end first
}

TEST(RequestBudget, ARequestCountsUntilAWindowAfterItsEnd) {
    request_budget budget({1, 60s});
    budget.begin(purpose::poll, false, 0s);
    budget.end(purpose::poll, false, 7s);
    // It may have ended just before 7.001 s.
    EXPECT_EQ(budget.earliest(purpose::poll, 8s), 67s + 1ms);
    EXPECT_EQ(budget.used(67s), 1);
    EXPECT_EQ(budget.used(67s + 1ms), 0);
    EXPECT_EQ(budget.earliest(purpose::poll, 67s + 1ms), 67s + 1ms);
}

TEST(RequestBudget, WhatWasNotSentDoesNotCount) {
    request_budget budget({1, 60s});
    budget.begin(purpose::poll, false, 0s);
    budget.end(purpose::poll, false, 1s, true);
    EXPECT_EQ(budget.earliest(purpose::poll, 1s), 1s);
}

// Whatever the cloud saw of each request, at whatever moment while it was under way: never more than the
// limit in any window.
TEST(RequestBudget, HoldsOverEveryWindowOfTheCloudsClock) {
    std::mt19937 random(7);
    for (int round = 0; round < 50; ++round) {
        const int limit = 1 + static_cast<int>(random() % 20);
        const milliseconds window = 1ms * (1000 + random() % 60'000);
        request_budget budget({limit, window});
        std::deque<microseconds> under_way; // ends
        std::deque<microseconds> seen;      // by the cloud
        microseconds precise{};             // the daemon counts whole milliseconds
        for (int i = 0; i < 400; ++i) {
            precise += 1us * (random() % 400'000);
            const auto now = std::chrono::floor<milliseconds>(precise);
            while (!under_way.empty() && under_way.front() <= precise) {
                budget.end(purpose::poll, false, std::chrono::floor<milliseconds>(under_way.front()));
                under_way.pop_front();
            }
            const auto at = budget.earliest(purpose::poll, now);
            if (!at)
                continue;
            precise = std::max<microseconds>(precise, *at); // as soon as it may
            budget.begin(purpose::poll, false, std::max(now, *at));
            const microseconds took = 300ms;
            under_way.push_back(precise + took);
            // At any moment, the first and the last ones above all.
            const std::array<microseconds, 3> after{0us, took, 1us * (random() % 300'001)};
            seen.push_back(precise + after[random() % 3]);
        }
        std::sort(seen.begin(), seen.end());
        for (std::size_t first = 0; first + static_cast<std::size_t>(limit) < seen.size(); ++first)
            EXPECT_GE(seen[first + static_cast<std::size_t>(limit)] - seen[first], window) << limit;
    }
}

TEST(RequestBudget, DiscoveryHasAFifth) {
    request_budget budget({10, 60s});
    uptime now{};
    spend(budget, 2, now, purpose::discovery);
    EXPECT_EQ(budget.earliest(purpose::discovery, now), 61s + 1ms); // when its first one stops counting
    EXPECT_EQ(budget.earliest(purpose::reason, now), now);
    spend(budget, 8, now);
    EXPECT_EQ(budget.earliest(purpose::credential, now), 61s + 1ms);
}

TEST(RequestBudget, DiscoveryHasAtLeastOne) {
    request_budget budget({2, 60s});
    uptime now{};
    EXPECT_EQ(budget.earliest(purpose::discovery, now), now);
    spend(budget, 1, now, purpose::discovery);
    EXPECT_EQ(budget.earliest(purpose::discovery, now), 61s + 1ms);
}

TEST(RequestBudget, WithoutA429RoomComesWithTheWindowOnly) {
    request_budget budget({100, 5min});
    for (int i = 0; i < 100; ++i)
        budget.begin(purpose::poll, false, 0s);
    for (int i = 0; i < 100; ++i)
        budget.end(purpose::poll, false, 0s);
    EXPECT_EQ(budget.earliest(purpose::poll, 0s), 5min + 1ms);
}

TEST(RequestBudget, WhatIsUnderWayCountsByItsPurpose) {
    request_budget budget({10, 60s});
    budget.begin(purpose::poll, false, 0s);
    budget.begin(purpose::poll, false, 0s);
    budget.begin(purpose::discovery, false, 0s);
    EXPECT_EQ(budget.earliest(purpose::discovery, 0s), 0s);
    budget.begin(purpose::discovery, false, 0s);
    EXPECT_EQ(budget.earliest(purpose::discovery, 0s), std::nullopt); // one of those has to end first
    EXPECT_EQ(budget.earliest(purpose::reason, 0s), 0s);

    request_budget retries({100, 60s});
    retries.begin(purpose::poll, true, 0s);
    for (int i = 0; i < 18; ++i)
        retries.begin(purpose::poll, false, 0s);
    EXPECT_FALSE(retries.may_retry(0s));
    retries.begin(purpose::poll, false, 0s);
    EXPECT_TRUE(retries.may_retry(0s)); // two in twenty
}

// Whether the older ones were forgotten meanwhile or not.
TEST(RequestBudget, WhatIsPastTheWindowCountsForNoPurpose) {
    request_budget budget({10, 60s});
    const auto send = [&](purpose what, bool is_retry, uptime at) {
        budget.begin(what, is_retry, at);
        budget.end(what, is_retry, at);
    };
    send(purpose::poll, true, 0s);
    send(purpose::poll, false, 0s);
    send(purpose::discovery, false, 0s);
    send(purpose::poll, false, 30s);
    send(purpose::discovery, false, 31s);
    send(purpose::discovery, false, 32s);
    const uptime now = 60s + 1ms; // those of the beginning count no more
    for (const bool forgotten : {false, true}) {
        SCOPED_TRACE(forgotten);
        EXPECT_EQ(budget.used(now), 3);
        EXPECT_EQ(budget.earliest(purpose::discovery, now), 91s + 1ms);
        EXPECT_FALSE(budget.may_retry(now));
        budget.begin(purpose::reason, false, now);
        budget.end(purpose::reason, false, now, true);
    }
}

TEST(RequestBudget, RoomComesWhenTheFirstThatStillCountsExpires) {
    request_budget budget({2, 60s});
    for (const uptime at : {0s, 30s, 40s}) {
        budget.begin(purpose::poll, false, at);
        budget.end(purpose::poll, false, at);
    }
    EXPECT_EQ(budget.earliest(purpose::poll, 60s + 1ms), 90s + 1ms);
}

TEST(RequestBudget, A429HalvesTheRateWhichRecoversByATenthAMinute) {
    request_budget budget({200, 5min});
    budget.throttled(1s, 2s);
    EXPECT_EQ(budget.allowed(2s), 100);
    budget.throttled(1s, 3s); // sent before the halving: it says nothing new
    EXPECT_EQ(budget.allowed(3s), 100);
    budget.throttled(2s, 3s); // at the moment of the halving
    EXPECT_EQ(budget.allowed(3s), 100);
    EXPECT_EQ(budget.allowed(2s + 1min), 120);
    EXPECT_EQ(budget.allowed(2s + 4min), 180);
    EXPECT_EQ(budget.allowed(2s + 5min), 200);
    EXPECT_EQ(budget.allowed(2s + 50min), 200);
    budget.throttled(2min, 2min + 2s);
    EXPECT_EQ(budget.allowed(2min + 2s), 70); // half of 140
}

TEST(RequestBudget, ThereIsAlwaysSomeRate) {
    request_budget budget({3, 60s});
    for (int i = 1; i < 20; ++i)
        budget.throttled(1s * i, 1s * i);
    EXPECT_EQ(budget.allowed(19s), 1);

    request_budget large({1600, 60s});
    for (int i = 1; i < 20; ++i)
        large.throttled(1ms * i, 1ms * i);
    EXPECT_EQ(large.allowed(19ms), 100); // a sixteenth
}

TEST(RequestBudget, ARecoveringRateGivesRoomBeforeTheWindowPasses) {
    request_budget budget({100, 5min});
    uptime now{};
    for (int i = 0; i < 50; ++i)
        budget.begin(purpose::poll, false, now);
    for (int i = 0; i < 50; ++i)
        budget.end(purpose::poll, false, now);
    budget.throttled(now, now + 1ms);
    const auto at = budget.earliest(purpose::poll, now + 1ms);
    ASSERT_TRUE(at);
    EXPECT_EQ(*at, now + 1ms + 6s); // one more of 100 in a tenth of 6 s
    EXPECT_EQ(budget.allowed(*at), 51);
}

TEST(RequestBudget, RetriesAreATenth) {
    request_budget budget({1000, 60s});
    uptime now{};
    EXPECT_FALSE(budget.may_retry(now));
    spend(budget, 9, now);
    EXPECT_FALSE(budget.may_retry(now));
    spend(budget, 1, now);
    EXPECT_TRUE(budget.may_retry(now)); // one in ten
    budget.begin(purpose::poll, true, now);
    budget.end(purpose::poll, true, now);
    EXPECT_FALSE(budget.may_retry(now));
    spend(budget, 9, now);
    EXPECT_TRUE(budget.may_retry(now)); // two in twenty
}

TEST(RequestBudget, ChangedLimitsCountWhatWasSentBefore) {
    request_budget budget({2, 60s});
    uptime now{};
    spend(budget, 2, now);
    budget.change({4, 600s}, now);
    EXPECT_EQ(budget.used(now), 2);
    EXPECT_EQ(budget.used(300s), 2);
    budget.change({1, 10s}, 100s);
    EXPECT_EQ(budget.used(100s), 0);
    EXPECT_EQ(budget.earliest(purpose::poll, 100s), 100s);
}

} // namespace
} // namespace replmond::schedule
