#include "daemon/core/schedule/overdue.hpp"
#include "daemon/core/schedule/scheduler.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
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
    works.project_progress_since = 200s;
    EXPECT_FALSE(is_overdue(works, limits, 160s));
    EXPECT_TRUE(is_overdue(works, limits, 160s + 1ms));
}

TEST(Overdue, WaitingForSlotOrBudgetHasNoDeadline) {
    poll_progress waits;
    waits.step = poll_step::waits;
    EXPECT_FALSE(is_overdue(waits, limits, 1000min));
    waits.has_slot = true;
    waits.has_budget = false;
    EXPECT_FALSE(is_overdue(waits, limits, 1000min));
}

TEST(Overdue, WaitingForWhatIsThereHasTheGrace) {
    poll_progress waits;
    waits.step = poll_step::waits;
    waits.since = 10s;
    waits.has_slot = true;
    EXPECT_FALSE(is_overdue(waits, limits, 40s));
    EXPECT_TRUE(is_overdue(waits, limits, 40s + 1ms));
}

TEST(Overdue, OneAsideIsHungOnlyWhereNothingMoves) {
    poll_progress waits_without_slot;
    waits_without_slot.step = poll_step::waits_without_slot;
    waits_without_slot.since = 10s;
    waits_without_slot.project_progress_since = 100s;
    EXPECT_FALSE(is_overdue(waits_without_slot, limits, 250s));
    EXPECT_TRUE(is_overdue(waits_without_slot, limits, 250s + 1ms));
    waits_without_slot.has_budget = false;
    EXPECT_FALSE(is_overdue(waits_without_slot, limits, 1000min));
}

class OverduePlan : public ::testing::Test {
protected:
    void SetUp() override {
        plan_.add_project(1, {2, 5min});
        plan_.add(7, 1, std::string(32, 'a') + "in17", 60s, 5s);
    }

    void begin() { ASSERT_THAT(plan_.next(5s).begin, ElementsAre(7)); }

    ticket request_permit(uptime now) {
        const auto asked = plan_.request_permit(1, purpose::poll, 7, false, now);
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
    const auto request = request_permit(6s);
    EXPECT_THAT(overdue(156s), IsEmpty());
    EXPECT_THAT(overdue(157s), ElementsAre(7));
    plan_.release_permit(request, true, false, 157s);
    EXPECT_THAT(overdue(157s), IsEmpty());
    plan_.poll_ended(7, {}, 157s);
    EXPECT_THAT(overdue(157s), IsEmpty());
}

TEST_F(OverduePlan, ItWaitsForBudget) {
    begin();
    for (int i = 0; i < 2; ++i)
        plan_.release_permit(request_permit(6s), true, false, 6s);
    request_permit(7s);
    EXPECT_THAT(overdue(299s), IsEmpty());
    EXPECT_THAT(overdue(336s), IsEmpty()); // the grace begins when there is budget, after 5 min and 6 s
    EXPECT_THAT(overdue(337s), ElementsAre(7));
    plan_.next(310s); // the window has passed: it is let out
    EXPECT_THAT(overdue(459s), IsEmpty());
    EXPECT_THAT(overdue(461s), ElementsAre(7));
}

TEST_F(OverduePlan, ItWaitsForRequestsThatHoldTheBudget) {
    begin();
    for (int i = 0; i < 2; ++i) {
        plan_.request_permit(1, purpose::reason, std::nullopt, false, 6s);
        plan_.next(6s);
    }
    request_permit(7s);
    EXPECT_THAT(overdue(1000min), IsEmpty());
}

TEST_F(OverduePlan, ItAsksForNothing) {
    begin();
    EXPECT_THAT(overdue(155s), IsEmpty());
    EXPECT_THAT(overdue(156s), ElementsAre(7));
    // Somebody gets a credential meanwhile.
    const auto renewal = plan_.request_permit(1, purpose::credential, std::nullopt, false, 100s);
    plan_.next(100s);
    plan_.release_permit(renewal, true, false, 101s);
    EXPECT_THAT(overdue(156s), IsEmpty());
    EXPECT_THAT(overdue(252s), ElementsAre(7));
}

// Two instances of one project, and three of another; two slots: each project may hold one.
class OverdueLine : public ::testing::Test {
protected:
    void SetUp() override {
        for (const project_key project : {1, 2})
            plan_.add_project(project, {1000, 5min});
        for (const instance_key key : {1, 2, 3, 4, 5})
            plan_.add(key, key < 3 ? 1 : 2, std::string(31, 'a') + std::to_string(key) + "in17", 60min, 0s);
        plan_.next(0s);
        first_ = request_permit(1);
        other_ = request_permit(3);
        ASSERT_THAT(plan_.next(0s).permits, ElementsAre(first_, other_));
    }

    ticket request_permit(instance_key poll) {
        return plan_.request_permit(poll < 3 ? 1 : 2, purpose::poll, poll, false, 0s);
    }

    // Of these only, whatever becomes of the rest.
    bool is_overdue(instance_key key, uptime now) const {
        const auto all = plan_.overdue(limits, now);
        return std::find(all.begin(), all.end(), key) != all.end();
    }

    scheduler plan_{2};
    ticket first_ = 0;
    ticket other_ = 0;
};

TEST_F(OverdueLine, OthersWhoWorkExcuseAWait) {
    request_permit(2);
    plan_.next(0s);
    EXPECT_FALSE(is_overdue(2, 1000min));
}

TEST_F(OverdueLine, TheHalvesExcuseAWait) {
    plan_.release_permit(first_, true, false, 1s);
    plan_.poll_ended(1, {}, 1s);
    plan_.poll_ended(2, {}, 1s);
    request_permit(4); // one slot is free, for the other project
    plan_.next(1s);
    EXPECT_FALSE(is_overdue(4, 1000min));
}

TEST_F(OverdueLine, NobodyGivesTheSlotThatIsFree) {
    request_permit(2);
    plan_.release_permit(first_, true, false, 20s);
    plan_.poll_ended(1, {}, 20s); // and next() is not asked
    EXPECT_FALSE(is_overdue(2, 30s));
    EXPECT_TRUE(is_overdue(2, 31s));
    plan_.next(31s);
    EXPECT_FALSE(is_overdue(2, 31s));
}

TEST_F(OverdueLine, ASlotThatIsLostExcusesNobody) {
    plan_.release_permit(first_, true, false, 1s);
    plan_.poll_ended(1, {}, 1s);
    request_permit(1); // though no poll of it runs
    request_permit(2);
    plan_.next(1s);
    EXPECT_EQ(plan_.slots_held(), 2U);
    EXPECT_FALSE(is_overdue(2, 30s));
    EXPECT_TRUE(is_overdue(2, 31s));
}

} // namespace
} // namespace replmond::schedule
