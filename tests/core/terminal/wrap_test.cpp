#include "daemon/core/terminal/wrap.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace replmond::terminal {
namespace {

using ::testing::ElementsAre;

TEST(Wrap, BreaksAtBlanks) {
    EXPECT_THAT(wrap("one two three", 7), ElementsAre("one two", "three"));
    EXPECT_THAT(wrap("one two three", 6), ElementsAre("one", "two", "three"));
    EXPECT_THAT(wrap("one  two", 80), ElementsAre("one two"));
    EXPECT_THAT(wrap("", 80), ElementsAre(""));
    EXPECT_THAT(wrap("a averylongword b", 5), ElementsAre("a", "averylongword", "b"));
    EXPECT_THAT(wrap("订单 同步 b", 6), ElementsAre("订单", "同步 b"));
    EXPECT_THAT(wrap("one\n\ntwo three", 80), ElementsAre("one", "", "two three"));
}

TEST(Wrap, Entries) {
    EXPECT_EQ(wrapped_entry("  --yes", "Yes, delete it; nothing is sent without it", 12, 40),
              "  --yes     Yes, delete it; nothing is\n"
              "            sent without it\n");
    EXPECT_EQ(wrapped_entry("  --a-long-flag", "Does it", 12, 40), "  --a-long-flag\n            Does it\n");
    EXPECT_EQ(wrapped_entry("  --yes", "in twenty columns at the least", 12, 10),
              "  --yes     in twenty columns at\n            the least\n");
}

} // namespace
} // namespace replmond::terminal
