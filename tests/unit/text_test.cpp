#include "daemon/model/text.hpp"

#include <gtest/gtest.h>

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
}

TEST(Text, IsCutBetweenCharacters) {
    const std::string text = "aÄ任😀"; // 1 + 2 + 3 + 4 bytes
    const std::vector<std::string> cuts{"",     "a",    "a",    "aÄ",   "aÄ", "aÄ",
                                        "aÄ任", "aÄ任", "aÄ任", "aÄ任", text, text};
    for (std::size_t limit = 0; limit < cuts.size(); ++limit)
        EXPECT_EQ(cut_between_characters(text, limit), cuts[limit]) << limit;
}

TEST(Text, IsCutAnywhereWhereItIsNoUtf8) {
    EXPECT_EQ(cut_between_characters("\xFF\xFE\xFD\xFC\xFB", 3), "\xFF\xFE\xFD");
    EXPECT_EQ(cut_between_characters("\x80\x80\x80\x80", 3), "\x80\x80\x80");
    EXPECT_EQ(cut_between_characters("caf\xE9 au lait", 4), "caf\xE9"); // Latin-1
}

TEST(Text, LowersAsciiOnly) {
    EXPECT_EQ(to_lower_ascii("Incremental-Ä"), "incremental-Ä");
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

TEST(Text, IsCutAfterCharacters) {
    EXPECT_EQ(cut_after_characters("", 3), "");
    EXPECT_EQ(cut_after_characters("订单库", 2), "订单");
    EXPECT_EQ(cut_after_characters("订单库", 3), "订单库");
    EXPECT_EQ(cut_after_characters("ab", 9), "ab");
    EXPECT_EQ(cut_after_characters("a\xFFz", 2), "a\xFF");
    EXPECT_EQ(cut_after_characters("ab", 0), "");
}

} // namespace
} // namespace replmond
