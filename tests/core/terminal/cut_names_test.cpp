#include "daemon/core/terminal/cut_names.hpp"
#include "daemon/core/terminal/text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace replmond::terminal {
namespace {

using ::testing::ElementsAre;

TEST(CutNames, LeaveBothEnds) {
    EXPECT_EQ(cut_before_the_end("orders_eu_2026", 14, 4), "orders_eu_2026");
    EXPECT_EQ(cut_before_the_end("orders_eu_2026", 10, 4), "order…2026");
    EXPECT_EQ(cut_before_the_end("orders_eu_2026", 10, 0), "orders_eu…");
    EXPECT_EQ(cut_before_the_end("orders_eu_2026", 10, 9), "…s_eu_2026");
    EXPECT_EQ(cut_before_the_end("orders_eu_2026", 10, 99), "…s_eu_2026");
    EXPECT_EQ(cut_before_the_end("orders_eu_2026", 2, 1), "o…");
    EXPECT_EQ(cut_before_the_end("orders", 1, 1), "…");
    EXPECT_EQ(cut_before_the_end("orders", 0, 1), "");
}

// A character of two columns is never halved.
TEST(CutNames, CountsColumns) {
    EXPECT_EQ(cut_before_the_end("订单同步订单", 8, 4), "订…订单");
    EXPECT_EQ(cut_before_the_end("订单同步订单", 7, 3), "订单…单");
    EXPECT_EQ(cut_before_the_end("订单同步订单", 6, 3), "订…单");
    for (std::size_t columns = 0; columns < 14; ++columns) {
        for (std::size_t tail = 0; tail < 14; ++tail)
            EXPECT_LE(width_of(cut_before_the_end("订a单b同c", columns, tail)), columns);
    }
}

TEST(CutNames, InTheMiddleWhereTheyStayDifferent) {
    EXPECT_THAT(cut_names({"sync_orders_eu", "short", "sync_orders_us"}, 9),
                ElementsAre("sync…s_eu", "short", "sync…s_us"));
}

TEST(CutNames, ElsewhereWhereTheMiddleMakesThemTheSame) {
    EXPECT_THAT(cut_names({"prod_a_orders_to_starrocks", "prod_b_orders_to_starrocks"}, 9),
                ElementsAre("prod_a…ks", "prod_b…ks"));
    EXPECT_THAT(cut_names({"0123456789abcdef_1_tail", "0123456789abcdef_2_tail", "another"}, 12),
                ElementsAre("012…f_1_tail", "012…f_2_tail", "another"));
}

TEST(CutNames, AsFewAsPossibleBecomeTheSame) {
    // Only the front tells the first from the others, and nothing the others from each other.
    EXPECT_THAT(
        cut_names({"x_abcdefghij_1_abcdefghij", "y_abcdefghij_2_abcdefghij", "y_abcdefghij_3_abcdefghij"}, 8),
        ElementsAre("x_ab…hij", "y_ab…hij", "y_ab…hij"));
    EXPECT_TRUE(cut_names({}, 8).empty());
}

} // namespace
} // namespace replmond::terminal
