#include "daemon/core/web/fleet_view.hpp"
#include "tests/support/small_fleet.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace replmond::web {
namespace {

using std::chrono_literals::operator""min;
using std::chrono_literals::operator""ms;
using test::noon;

class TotalsCache : public ::testing::Test {
protected:
    task_totals at(timestamp now, milliseconds stale_after = 15min) {
        return totals.of(state, {{now, now}, stale_after});
    }

    test::small_fleet fleet;
    instance_state& state = fleet.add("orders");
    totals_cache totals;
};

TEST_F(TotalsCache, CountsOnceUntilTheStateChanges) {
    test::add_task(state, "a", stage::full, status::yes);
    EXPECT_EQ(at(noon).abnormal, 0U);
    state.tasks.at("a").reading.status = status::no;
    EXPECT_EQ(at(noon).abnormal, 0U); // nobody said so
    totals.forget(state);
    EXPECT_EQ(at(noon).abnormal, 1U);
    EXPECT_EQ(at(noon).stages[static_cast<std::size_t>(stage::full)], 1U);
}

TEST_F(TotalsCache, CountsOnceUntilATaskGoesStale) {
    test::add_task(state, "a", stage::full, status::yes).unseen_since = noon;
    test::add_task(state, "b", stage::incremental, status::yes);
    EXPECT_EQ(at(noon).abnormal, 0U);
    state.tasks.at("b").reading.status = status::no;
    EXPECT_EQ(at(noon + 15min - 1ms).abnormal, 0U); // nobody said so
    EXPECT_EQ(at(noon + 15min).abnormal, 1U);
}

TEST_F(TotalsCache, TasksGoStaleByThemselves) {
    test::add_task(state, "a", stage::full, status::yes).unseen_since = noon;
    test::add_task(state, "b", stage::full, status::yes).unseen_since = noon + 1min;
    test::add_task(state, "c", stage::full, status::yes);
    EXPECT_EQ(at(noon + 15min - 1ms).stale, 0U);
    EXPECT_EQ(at(noon + 15min).stale, 1U);
    EXPECT_EQ(at(noon + 16min - 1ms).stale, 1U);
    EXPECT_EQ(at(noon + 16min).stale, 2U);
    EXPECT_EQ(at(noon + 60min).stale, 2U);
    EXPECT_EQ(at(noon + 60min, 2 * 60min).stale, 0U); // another configuration
}

} // namespace
} // namespace replmond::web
