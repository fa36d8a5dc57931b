#include "daemon/model/number.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

namespace replmond {
namespace {

TEST(Number, IsWrittenWithTheFewestDigitsThatReadBackTheSame) {
    const std::vector<std::pair<double, std::string>> table{
        {0, "0"},
        {100, "100"},
        {42.5, "42.5"},
        {42.3, "42.3"},
        {0.1, "0.1"},
        {1e21, "1e+21"},
        {0.1 + 0.2, "0.30000000000000004"},
        {-1.5, "-1.5"},
        {1e-7, "1e-07"},
        {std::numeric_limits<double>::max(), "1.7976931348623157e+308"},
        {-std::numeric_limits<double>::denorm_min(), "-5e-324"},
    };
    for (const auto& [value, text] : table) {
        EXPECT_EQ(to_shortest(value), text);
        EXPECT_EQ(parse_number(text), value);
    }
}

TEST(Number, ReadsWholeDecimalsOnly) {
    for (const char* text : {"", " ", "1 ", " 1", "+1", "1,5", "0x1", "1e", "e1", "--1", "inf", "-INF",
                             "infinity", "nan", "NaN(1)", "1e400", "1.2.3", "one"})
        EXPECT_EQ(parse_number(text), std::nullopt) << text;
    EXPECT_EQ(parse_number("1e2"), 100);
    EXPECT_EQ(parse_number("-.5"), -0.5);
}

TEST(Number, ARatioIsTheDecimalThatThePercentageSays) {
    const std::vector<std::pair<double, std::string>> table{
        {0, "0"},
        {100, "1"},
        {42.5, "0.425"},
        {42.3, "0.423"},
        {1.1, "0.011"}, // 1.1 / 100 is 0.011000000000000001 in binary
        {0.1, "0.001"},
        {99.99, "0.9999"},
        {0.01, "1e-04"},
        {1e-7, "1e-09"},
        {33.333333333333336, "0.33333333333333337"},
    };
    for (const auto& [percentage, ratio] : table)
        EXPECT_EQ(to_ratio(percentage), ratio);

    for (int thousandths = 1; thousandths < 100'000; ++thousandths) {
        const std::string text = fmt::format("{}.{:03}", thousandths / 1000, thousandths % 1000);
        const std::string expected = fmt::format("0.{:05}", thousandths);
        const std::string ratio = to_ratio(parse_number(text).value());
        ASSERT_EQ(parse_number(ratio), parse_number(expected)) << text;
        ASSERT_LE(ratio.size(), expected.size()) << text;
    }
}

} // namespace
} // namespace replmond
