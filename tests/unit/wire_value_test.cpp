#include "daemon/cloud/wire_value.hpp"
#include "daemon/model/text.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace replmond::cloud {
namespace {

boost::json::value json(const std::string& text) {
    return boost::json::parse(text);
}

TEST(WireValue, Percentages) {
    const std::vector<std::pair<std::string, std::optional<double>>> table{
        {"0", 0},
        {"100", 100},
        {"42.3", 42.3},
        {"99.99", 99.99},
        {"0.1", 0.1},
        {"\"42.3\"", 42.3},
        {"\"99.99%\"", 99.99},
        {"\"0.1 %\"", 0.1},
        {"\"\\t7\"", 7},
        {"100.0000001", std::nullopt},
        {"-0.1", std::nullopt},
        {"1e400", std::nullopt},
        {"-1e400", std::nullopt},
        {"\"infinity\"", std::nullopt},
        {"\"\"", std::nullopt},
        {"null", std::nullopt},
        {"false", std::nullopt},
    };
    for (const auto& [text, expected] : table)
        EXPECT_EQ(to_percentage(json(text)), expected) << text;
}

TEST(WireValue, MinusNothingIsNothing) {
    EXPECT_FALSE(std::signbit(to_percentage(json("-0.0")).value()));
    EXPECT_FALSE(std::signbit(to_percentage(json("\"-0.0%\"")).value()));
}

TEST(WireValue, Counts) {
    const std::vector<std::pair<std::string, std::optional<std::uint64_t>>> table{
        {"0", 0},
        {"3", 3},
        {"3.0", 3},
        {"3e2", 300},
        {"\"3\"", 3},
        {"9007199254740992", 9007199254740992U},
        {"9007199254740994",
         std::nullopt}, // above 2^53 not every whole number can be told from its neighbour
        {"-1", std::nullopt},
        {"0.5", std::nullopt},
        {"\"3%\"", std::nullopt},
        {"\"three\"", std::nullopt},
        {"true", std::nullopt},
        {"null", std::nullopt},
        {"[3]", std::nullopt},
    };
    for (const auto& [text, expected] : table)
        EXPECT_EQ(to_count(json(text)), expected) << text;
}

TEST(WireValue, Booleans) {
    const std::vector<std::pair<std::string, std::optional<bool>>> table{
        {"true", true},
        {"false", false},
        {"\"true\"", true},
        {"\"false\"", false},
        {"\"True\"", true},
        {"\"FALSE\"", false},
        {"\" true \"", true},
        {"\"truer\"", std::nullopt},
        {"\"Yes\"", std::nullopt},
        {"\"1\"", std::nullopt},
        {"1", std::nullopt},
        {"0", std::nullopt},
        {"\"\"", std::nullopt},
        {"null", std::nullopt},
    };
    for (const auto& [text, expected] : table)
        EXPECT_EQ(to_boolean(json(text)), expected) << text;
}

TEST(WireValue, DescribesWhatWasSent) {
    const std::vector<std::pair<std::string, std::string>> table{
        {"\"as \\\"is\\\"\"", "as \"is\""},
        {"\"\"", ""},
        {"null", "null"},
        {"true", "true"},
        {"-17", "-17"},
        {"18446744073709551615", "18446744073709551615"},
        {"150.0", "150"},
        {"100.1", "100.1"},
        {"-0.5", "-0.5"},
        {"1e300", "1e+300"},
        {R"({"a": [1, "b"]})", R"({"a":[1,"b"]})"},
    };
    for (const auto& [text, expected] : table)
        EXPECT_EQ(describe(json(text)), expected) << text;
}

TEST(WireValue, DescribesAtMost128Bytes) {
    EXPECT_EQ(describe(boost::json::value(std::string(128, 'x'))), std::string(128, 'x'));
    EXPECT_EQ(describe(boost::json::value(std::string(129, 'x'))), std::string(128, 'x'));
    EXPECT_EQ(describe(boost::json::value(std::string(10'000, 'x'))), std::string(128, 'x'));

    for (std::size_t before = 120; before <= 128; ++before) {
        const std::string text = std::string(before, 'x') + "😀😀😀";
        const std::string cut = describe(boost::json::value(text));
        EXPECT_LE(cut.size(), 128u);
        EXPECT_GT(cut.size(), 124u);
        EXPECT_TRUE(is_valid_utf8(cut)) << before;
        EXPECT_TRUE(text.starts_with(cut));
    }
}

} // namespace
} // namespace replmond::cloud
