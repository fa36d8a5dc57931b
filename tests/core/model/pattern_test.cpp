#include "daemon/core/model/pattern.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace replmond {
namespace {

bool finds(const char* expression, const std::string& text) {
    const auto compiled = pattern::compile(expression);
    return std::get<pattern>(compiled).is_found_in(text);
}

TEST(Pattern, IsSearchedAndMatchesCharacters) {
    struct row {
        const char* expression;
        const char* text;
        bool found;
    };
    const std::vector<row> table{
        {"^prod-", "prod-a", true},
        {"prod", "a-prod-b", true},
        {"^prod-", "a-prod-", false},
        {"-test$", "a-test", true},
        {"-test$", "a-test\n", false},
        {"^订单.$", "订单库", true}, // one character, three bytes
        {"^订单...$", "订单库", false},
        {"[库]", "订单", false}, // 单 shares a byte with 库
        {"[库]", "订单库", true},
        {"^[^a-z]{3}$", "订单库", true},
        {"(?i)^ÉTÉ$", "été", true},
        {R"(^\p{Han}+$)", "订单库", true},
        {R"(^prod-\d+$)", "prod-17", true},
        {"^.*$", "", true},
        {"^.$", "\xff", false}, // no character
    };
    for (const row& r : table)
        EXPECT_EQ(finds(r.expression, r.text), r.found) << r.expression << " in " << r.text;
}

// Both take exponential time where each choice is tried anew.
TEST(Pattern, TakesTimeInProportionToTheText) {
    const std::string many(100'000, 'a');
    EXPECT_FALSE(finds("(a*)*b", many));
    EXPECT_FALSE(finds("^(a|aa)+$", many + "c"));
}

TEST(Pattern, OfOneMebibyteIsCompiledAndNoMore) {
    const auto compiles = [](int thousands) {
        std::string expression;
        for (int i = 0; i < thousands; ++i)
            expression += "a{1000}";
        return std::holds_alternative<pattern>(pattern::compile(expression));
    };
    EXPECT_TRUE(compiles(60));
    EXPECT_FALSE(compiles(120)); // two mebibytes would do
}

TEST(Pattern, AMistakeIsOnlyReturned) {
    ::testing::internal::CaptureStderr();
    EXPECT_TRUE(std::holds_alternative<std::string>(pattern::compile("(")));
    EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
}

TEST(Pattern, SaysWhatIsWrong) {
    struct row {
        const char* expression;
        const char* why;
    };
    const std::vector<row> table{
        {"(", "missing ): ("},
        {"[z-a]", "invalid character class range: z-a"},
        {"^(?!test-)", "invalid perl operator: (?!"},
        {"(?=a)b", "invalid perl operator: (?="},
        {R"((a)\1)", R"(invalid escape sequence: \1)"},
        {"a**", "bad repetition operator: **"},
        {"\xff", "invalid UTF-8"},
        {"((a{100}){100}){100}", "invalid repetition size: {100}"},
    };
    for (const row& r : table)
        EXPECT_EQ(std::get<std::string>(pattern::compile(r.expression)), r.why) << r.expression;
}

} // namespace
} // namespace replmond
