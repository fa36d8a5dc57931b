#include "daemon/service/systemd.hpp"

#include <gtest/gtest.h>

namespace replmond::service {
namespace {

TEST(ServiceStatus, SaysWhatIsWatched) {
    service_facts facts;
    EXPECT_EQ(service_status(facts), "watching nothing: no instances are known");
    facts.instances = 1;
    EXPECT_EQ(service_status(facts), "watching 1 instance");
    facts.instances = 12;
    EXPECT_EQ(service_status(facts), "watching 12 instances");
}

TEST(ServiceStatus, CountsTheFirstRound) {
    service_facts facts;
    facts.instances = 12;
    facts.first_polls_left = 9;
    EXPECT_EQ(service_status(facts), "first round: 3 of 12 instances polled");
}

TEST(ServiceStatus, NamesAtMostThreeOfEachKind) {
    service_facts facts;
    facts.instances = 12;
    facts.failing = {"d", "b", "a", "c", "e"};
    facts.overdue = {"orders"};
    EXPECT_EQ(service_status(facts),
              "watching 12 instances; 5 failing: a, b, c and 2 more; 1 overdue: orders");
}

TEST(ServiceStatus, RemembersARefusedConfiguration) {
    service_facts facts;
    facts.reload_refused = true;
    EXPECT_EQ(service_status(facts),
              "watching nothing: no instances are known; the new configuration was refused");
}

} // namespace
} // namespace replmond::service
