#include "daemon/core/http/address.hpp"

#include <gtest/gtest.h>

namespace replmond::http {
namespace {

TEST(DialOrder, FamiliesTakeTurns) {
    EXPECT_EQ(dial_order({"::1", "::2", "::3", "10.0.0.1", "10.0.0.2"}),
              (address_list{"::1", "10.0.0.1", "::2", "10.0.0.2", "::3"}));
}

TEST(DialOrder, TheFamilyThatTheSystemPrefersBegins) {
    EXPECT_EQ(dial_order({"10.0.0.1", "10.0.0.2", "::1"}), (address_list{"10.0.0.1", "::1", "10.0.0.2"}));
    EXPECT_EQ(dial_order({"::1", "10.0.0.1"}), (address_list{"::1", "10.0.0.1"}));
    EXPECT_EQ(dial_order({"10.0.0.1", "::1", "::2", "::3"}), (address_list{"10.0.0.1", "::1", "::2", "::3"}));
}

TEST(DialOrder, OneFamilyKeepsItsOrder) {
    EXPECT_EQ(dial_order({"10.0.0.3", "10.0.0.1", "10.0.0.2"}),
              (address_list{"10.0.0.3", "10.0.0.1", "10.0.0.2"}));
}

TEST(DialOrder, NoAddressIsTriedTwice) {
    EXPECT_EQ(dial_order({"10.0.0.1", "::1", "10.0.0.1", "::1"}), (address_list{"10.0.0.1", "::1"}));
}

TEST(DialOrder, Nothing) {
    EXPECT_EQ(dial_order({}), address_list{});
}

} // namespace
} // namespace replmond::http
