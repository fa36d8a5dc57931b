#include "daemon/model/text.hpp"

#include <gtest/gtest.h>

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

TEST(Text, LowersAsciiOnly) {
    EXPECT_EQ(to_lower_ascii("Incremental-Ä"), "incremental-Ä");
}

} // namespace
} // namespace replmond
