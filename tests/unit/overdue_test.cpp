#include "daemon/schedule/overdue.hpp"
#include "daemon/schedule/scheduler.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace replmond::schedule {
namespace {

using std::chrono_literals::operator""min;
using std::chrono_literals::operator""s;
using std::chrono_literals::operator""ms;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr overdue_limits limits{120s, 30s};

TEST(Overdue, OneThatDoesNotRunMayMissItsTickByTheGrace) {
    poll_progress idle;
    idle.due = 60s;
    EXPECT_FALSE(is_overdue(idle, limits, 90s));
    EXPECT_TRUE(is_overdue(idle, limits, 90s + 1ms));
}

TEST(Overdue, OneThatWorksHasItsOwnDeadlineAndTheGrace) {
    poll_progress works;
    works.step = poll_step::works;
    works.since = 10s;
    works.others_since = 200s;
    EXPECT_FALSE(is_overdue(works, limits, 160s));
    EXPECT_TRUE(is_overdue(works, limits, 160s + 1ms));
}

TEST(Overdue, WaitingForSlotOrBudgetHasNoDeadline) {
    poll_progress waits;
    waits.step = poll_step::waits;
    EXPECT_FALSE(is_overdue(waits, limits, 1000min));
}

TEST(Overdue, OneAsideIsHungOnlyWhereNothingMoves) {
    poll_progress aside;
    aside.step = poll_step::aside;
    aside.since = 10s;
    aside.others_since = 100s;
    EXPECT_FALSE(is_overdue(aside, limits, 250s));
    EXPECT_TRUE(is_overdue(aside, limits, 250s + 1ms));
    aside.has_budget = false;
    EXPECT_FALSE(is_overdue(aside, limits, 1000min));
}

class OverduePlan : public ::testing::Test {
protected:
    void SetUp() override {
        plan_.add_project(1, {2, 5min});
        plan_.add(7, 1, std::string(32, 'a') + "in17", 60s, 5s);
    }

    void begin() { ASSERT_THAT(plan_.next(5s).begin, ElementsAre(7)); }

    ticket ask(uptime now) {
        const auto asked = plan_.ask(1, purpose::poll, 7, false, now);
        plan_.next(now);
        return asked;
    }

    std::vector<instance_key> overdue(uptime now) const { return plan_.overdue(limits, now); }

    scheduler plan_{1};
};

TEST_F(OverduePlan, NobodyBeginsIt) {
    EXPECT_THAT(overdue(35s), IsEmpty());
    EXPECT_THAT(overdue(36s), ElementsAre(7));
}

TEST_F(OverduePlan, ItsRequestDoesNotEnd) {
    begin();
    const auto request = ask(6s);
    EXPECT_THAT(overdue(156s), IsEmpty());
    EXPECT_THAT(overdue(157s), ElementsAre(7));
    plan_.ended(request, true, false, 157s);
    EXPECT_THAT(overdue(157s), IsEmpty());
    plan_.poll_ended(7, {}, 157s);
    EXPECT_THAT(overdue(157s), IsEmpty());
}

TEST_F(OverduePlan, ItWaitsForBudget) {
    begin();
    for (int i = 0; i < 2; ++i)
        plan_.ended(ask(6s), true, false, 6s);
    ask(7s);
    EXPECT_THAT(overdue(299s), IsEmpty());
    plan_.next(310s); // the window has passed: it is let out
    EXPECT_THAT(overdue(459s), IsEmpty());
    EXPECT_THAT(overdue(461s), ElementsAre(7));
}

TEST_F(OverduePlan, ItAsksForNothing) {
    begin();
    EXPECT_THAT(overdue(155s), IsEmpty());
    EXPECT_THAT(overdue(156s), ElementsAre(7));
    // Somebody gets a credential meanwhile.
    const auto renewal = plan_.ask(1, purpose::credential, std::nullopt, false, 100s);
    plan_.next(100s);
    plan_.ended(renewal, true, false, 101s);
    EXPECT_THAT(overdue(156s), IsEmpty());
    EXPECT_THAT(overdue(252s), ElementsAre(7));
}

} // namespace
} // namespace replmond::schedule
