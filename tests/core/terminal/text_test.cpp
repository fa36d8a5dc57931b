#include "daemon/core/terminal/text.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <ios>
#include <utility>

namespace replmond::terminal {
namespace {

TEST(TerminalText, NothingReachesTheTerminalThatIsNoText) {
    const std::vector<std::pair<std::string, std::string>> table{{"orders", "orders"},
                                                                 {"订单同步", "订单同步"},
                                                                 {"a\nb\tc", "a\\nb\\tc"},
                                                                 {"\x1b[2J", "\\x1b[2J"},
                                                                 {std::string("a\0b", 3), "a\\x00b"},
                                                                 {"\x7f", "\\x7f"},
                                                                 {"\xc2\x9b"
                                                                  "31m",
                                                                  "\\x9b31m"}, // CSI as one C1 character
                                                                 {"\xe2\x80\xae"
                                                                  "abc",
                                                                  "\\u202eabc"}, // right-to-left override
                                                                 {"\xe2\x80\xa8", "\\u2028"},
                                                                 {"\xef\xbb\xbf", "\\ufeff"},
                                                                 {"\xf3\xa0\x80\x81", "\\U000e0001"},
                                                                 {"a\xff\xc3z", "a\\xff\\xc3z"},
                                                                 {"\xed\xa0\x80", "\\xed\\xa0\\x80"}};
    for (const auto& [text, expected] : table)
        EXPECT_EQ(shown(text), expected);
}

// The Unicode Character Database: the ends of each range, and the characters beside it.
TEST(TerminalText, KnowsWhichCharactersAreUnsafe) {
    constexpr std::pair<char32_t, char32_t> ranges[] = {
        {0x0, 0x1f},      {0x7f, 0x9f},       {0xad, 0xad},       {0x61c, 0x61c},     {0x180e, 0x180e},
        {0x200b, 0x200b}, {0x200e, 0x200f},   {0x2028, 0x202e},   {0x2060, 0x206f},   {0xfeff, 0xfeff},
        {0xfff9, 0xfffb}, {0x13430, 0x13438}, {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a}, {0xe0001, 0xe007f}};
    for (const auto& [first, last] : ranges) {
        EXPECT_TRUE(is_unsafe(first) && is_unsafe(last)) << std::hex << static_cast<std::uint32_t>(first);
        EXPECT_FALSE(first > 0 && is_unsafe(first - 1)) << std::hex << static_cast<std::uint32_t>(first);
        EXPECT_FALSE(is_unsafe(last + 1)) << std::hex << static_cast<std::uint32_t>(last);
    }
}

TEST(TerminalText, WidthIsThatOfTheTerminal) {
    EXPECT_EQ(width_of(""), 0U);
    EXPECT_EQ(width_of("orders"), 6U);
    EXPECT_EQ(width_of("订单同步"), 8U);
    EXPECT_EQ(width_of("ｆｕｌｌ"), 8U);
    EXPECT_EQ(width_of("한국"), 4U);
    EXPECT_EQ(width_of("e\xcc\x81"), 1U); // e and a combining acute
    EXPECT_EQ(width_of("é"), 1U);
    EXPECT_EQ(width_of("\xf0\x9f\x9a\x80"), 2U); // a rocket
    EXPECT_EQ(width_of("Ωж"), 2U);
    EXPECT_EQ(width_of("กx"), 2U); // its first byte is the first one of three bytes
}

TEST(TerminalText, EveryCharacterHasAWidth) {
    for (char32_t c = 0; c < 0x110000; ++c) {
        const int columns = columns_of(c);
        ASSERT_TRUE(columns >= 0 && columns <= 2) << static_cast<unsigned>(c);
    }
    for (const char32_t wide : {U'\u1100', U'\u3000', U'\u4e00', U'\uac00', U'\U00020000'})
        EXPECT_EQ(columns_of(wide), 2) << static_cast<unsigned>(wide);
    EXPECT_EQ(columns_of(0x2ff), 1);
    EXPECT_EQ(columns_of(0x300), 0); // the first that combines
    for (const char32_t narrow : {U'a', U'\u0378', U'\u2500', U'\u05d0'})
        EXPECT_EQ(columns_of(narrow), 1) << static_cast<unsigned>(narrow);
}

TEST(TerminalText, CutsBetweenCharactersAndPads) {
    EXPECT_EQ(cut_to_width("orders", 6), "orders");
    EXPECT_EQ(cut_to_width("orders", 5), "orde…");
    EXPECT_EQ(cut_to_width("orders", 1), "…");
    EXPECT_EQ(cut_to_width("orders", 0), "");
    EXPECT_EQ(cut_to_width("订单同步", 8), "订单同步");
    EXPECT_EQ(cut_to_width("订单同步", 7), "订单同…");
    EXPECT_EQ(cut_to_width("订单同步", 6), "订单…"); // half a character is none
    EXPECT_EQ(padded("订单", 6), "订单  ");
    EXPECT_EQ(padded("orders", 3), "orders");
}

TEST(TerminalText, AFailureIsSaidAsFarAsItIsKnown) {
    failure why;
    why.result = poll_result::timeout;
    EXPECT_EQ(failure_text(why), "timeout");
    why = {poll_result::http, 404, "DBS.201028", "not \x1b found.", "r-1"};
    EXPECT_EQ(failure_text(why), "http 404 DBS.201028: not \\x1b found. (request r-1)");
}

} // namespace
} // namespace replmond::terminal
