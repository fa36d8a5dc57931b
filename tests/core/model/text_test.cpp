#include "daemon/core/model/text.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

namespace replmond {

namespace {

TEST(Text, AcceptsWellFormedUtf8) {
    EXPECT_TRUE(is_valid_utf8(""));
    EXPECT_TRUE(is_valid_utf8("plain"));
    EXPECT_TRUE(is_valid_utf8("任务-Ä-😀"));
    EXPECT_TRUE(is_valid_utf8("\xF4\x8F\xBF\xBF")); // U+10FFFF
}

TEST(Text, RefusesIllFormedUtf8AndSaysWhere) {
    EXPECT_EQ(valid_utf8_prefix("ab\xC0\xAF"), 2u);        // overlong '/'
    EXPECT_EQ(valid_utf8_prefix("\xED\xA0\x80"), 0u);      // a surrogate
    EXPECT_EQ(valid_utf8_prefix("x\xF4\x90\x80\x80"), 1u); // above U+10FFFF
    EXPECT_EQ(valid_utf8_prefix("abc\xE4\xB8"), 3u);       // cut short
    EXPECT_EQ(valid_utf8_prefix("\x80"), 0u);              // a lone continuation
    EXPECT_EQ(valid_utf8_prefix("ab\xED\xA0\x80"), 2u);
    EXPECT_EQ(valid_utf8_prefix("ab\xE1\x80\xC0"), 2u);
    EXPECT_EQ(valid_utf8_prefix("ab\xE1\x80\x80"), 5u);
}

TEST(Text, WhatIsBehindItsEndBelongsToNoCharacter) {
    EXPECT_EQ(valid_utf8_prefix(std::string_view("ab\xC3\xA4", 3)), 2u);
    EXPECT_EQ(valid_utf8_prefix(std::string_view("\xE1\x80\x80", 2)), 0u);
    EXPECT_EQ(valid_utf8_prefix(std::string_view("\xF1\x80\x80\x80", 3)), 0u);
}

// RFC 3629, section 4: the first and the last character of each length, and what lies just beside them.
TEST(Text, KnowsTheBoundsOfUtf8) {
    for (const char* first_or_last : {"\x7F", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF",
                                      "\xEE\x80\x80", "\xEF\xBF\xBF", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF"})
        EXPECT_TRUE(is_valid_utf8(first_or_last)) << testing::PrintToString(std::string(first_or_last));
    for (const char* beside :
         {"\xC1\xBF", "\xC2\x7F", "\xC2\xC0", "\xDF\xC0", "\xE0\x9F\xBF", "\xE1\x7F\x80", "\xE1\xC0\x80",
          "\xE1\x80\x7F", "\xE1\x80\xC0", "\xED\xA0\x80", "\xED\xBF\xBF", "\xF0\x8F\xBF\xBF",
          "\xF1\x80\x80\xC0", "\xF1\x80\x7F\x80", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80"})
        EXPECT_EQ(valid_utf8_prefix(beside), 0u) << testing::PrintToString(std::string(beside));
}

TEST(Text, IsCutBetweenCharacters) {
    const std::string text = "aÄ任😀"; // 1 + 2 + 3 + 4 bytes
    const std::vector<std::string> cuts{"",     "a",    "a",    "aÄ",   "aÄ", "aÄ",
                                        "aÄ任", "aÄ任", "aÄ任", "aÄ任", text, text};
    for (std::size_t limit = 0; limit < cuts.size(); ++limit)
        EXPECT_EQ(cut_between_characters(text, limit), cuts[limit]) << limit;
    for (const std::string character : {"Ä", "任", "😀"}) {
        for (std::size_t limit = 0; limit < character.size(); ++limit)
            EXPECT_EQ(cut_between_characters(character, limit), "") << character << limit;
    }
}

TEST(Text, IsCutAnywhereWhereItIsNoUtf8) {
    EXPECT_EQ(cut_between_characters("\xFF\xFE\xFD\xFC\xFB", 3), "\xFF\xFE\xFD");
    EXPECT_EQ(cut_between_characters("\x80\x80\x80\x80", 3), "\x80\x80\x80");
    EXPECT_EQ(cut_between_characters("caf\xE9 au lait", 4), "caf\xE9"); // Latin-1
}

TEST(Text, LowersAsciiOnly) {
    EXPECT_EQ(to_lower_ascii("Incremental-Ä"), "incremental-Ä");
    EXPECT_EQ(to_lower_ascii("@AZ[`az{"), "@az[`az{");
}

TEST(Text, VisibleAsciiIsFromTheExclamationMarkToTheTilde) {
    for (const char* visible : {"!", "~", "!aZ0~"})
        EXPECT_TRUE(is_visible_ascii(visible)) << visible;
    for (const char* other : {"", " ", "\x7F", "a b", "a\n", "\x80", "ä"})
        EXPECT_FALSE(is_visible_ascii(other)) << testing::PrintToString(std::string(other));
}

TEST(Text, IsTrimmedAtItsEndsOnly) {
    EXPECT_EQ(trimmed(" \t a b\t "), "a b");
    EXPECT_EQ(trimmed("a"), "a");
    EXPECT_EQ(trimmed(" \t "), "");
    EXPECT_EQ(trimmed(""), "");
    EXPECT_EQ(trimmed("\r a \n"), "\r a \n");
    EXPECT_EQ(trimmed("\r a \n", " \r\n"), "a");
}

TEST(Text, FindsTheWordThatWasMeant) {
    constexpr std::string_view known[] = {"aksk", "password", "token", "metadata"};
    EXPECT_EQ(closest_word("akks", known), "aksk");
    EXPECT_EQ(closest_word("AKSK", known), "aksk");
    EXPECT_EQ(closest_word("pasword", known), "password");
    EXPECT_EQ(closest_word("paswrod", known), ""); // three letters
    EXPECT_EQ(closest_word("magic", known), "");
    EXPECT_EQ(closest_word("", known), "");
    EXPECT_EQ(closest_word("token", {}), "");
    EXPECT_EQ(closest_word(std::string(1'000'000, 't'), known), "");
}

TEST(Text, AWordWasMeantUpToTwoEditsAway) {
    constexpr std::string_view known[] = {"aksk", "password", "token", "metadata"};
    struct row {
        const char* word;
        const char* meant;
    };
    const std::vector<row> table{
        {"xxtoken", "token"},
        {"toxxken", "token"},
        {"tokenxx", "token"},
        {"xxxtoken", ""},
        {"tokenxxx", ""},
        {"paswrd", "password"},
        {"sword", ""},
        {"etadat", "metadata"},
        {"mtdata", "metadata"},
        {"metdt", ""},
        {"xxtadata", "metadata"},
        {"metxxata", "metadata"},
        {"metadaxx", "metadata"},
        {"metxxxta", ""},
        {"aks", "aksk"},
        {"ks", ""}, // half of it
    };
    for (const row& r : table)
        EXPECT_EQ(closest_word(r.word, known), r.meant) << r.word;

    constexpr std::string_view alike[] = {"cat", "bat"};
    EXPECT_EQ(closest_word("rat", alike), "cat"); // the first
    constexpr std::string_view one_letter[] = {"x"};
    EXPECT_EQ(closest_word("y", one_letter), "");
}

TEST(Text, OnlyTheFirst128BytesOfAWordAreCompared) {
    const std::string word(200, 'a');
    const std::string near(130, 'a');
    const std::string far(131, 'a');
    EXPECT_EQ(closest_word(word, std::vector<std::string_view>{near}), near);
    EXPECT_EQ(closest_word(word, std::vector<std::string_view>{far}), "");
}

TEST(Text, IsCutAfterCharacters) {
    EXPECT_EQ(cut_after_characters("", 3), "");
    EXPECT_EQ(cut_after_characters("订单库", 2), "订单");
    EXPECT_EQ(cut_after_characters("订单库", 3), "订单库");
    EXPECT_EQ(cut_after_characters("ab", 9), "ab");
    EXPECT_EQ(cut_after_characters("a\xFFz", 2), "a\xFF");
    EXPECT_EQ(cut_after_characters("ab", 0), "");
}

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
        {1e21, "1e+19"},
        {std::numeric_limits<double>::denorm_min(), "0"}, // there is no double as small as that
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
