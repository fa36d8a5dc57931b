#include "daemon/core/http/buffer_chain.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace replmond::http {
namespace {

TEST(WriteCursor, GivesNothingWhereNothingIs) {
    write_cursor text;
    text.add("");
    EXPECT_TRUE(text.empty());
    EXPECT_TRUE(text.next(10).empty());
}

TEST(WriteCursor, GivesAsMuchAsIsAskedFor) {
    write_cursor text;
    text.add("abc");
    text.add("");
    text.add("defg");
    auto parts = text.next(5);
    ASSERT_EQ(parts.size(), 2U);
    EXPECT_EQ(parts[0], "abc");
    EXPECT_EQ(parts[1], "de");
    text.written(4);
    parts = text.next(100);
    ASSERT_EQ(parts.size(), 1U);
    EXPECT_EQ(parts[0], "efg");
    text.written(3);
    EXPECT_TRUE(text.empty());
}

TEST(WriteCursor, GivesNoEmptyPart) {
    write_cursor text;
    text.add("abc");
    text.add("defg");
    for (const std::size_t most : {1U, 2U, 3U}) {
        const auto parts = text.next(most);
        ASSERT_EQ(parts.size(), 1U) << most;
        EXPECT_EQ(parts[0], std::string_view("abc").substr(0, most));
    }
    EXPECT_TRUE(text.next(0).empty());
    const auto parts = text.next(4);
    ASSERT_EQ(parts.size(), 2U);
    EXPECT_EQ(parts[1], "d");
}

TEST(WriteCursor, GivesItAllInOrder) {
    std::mt19937 jitter(7);
    std::vector<std::string> pieces;
    std::string whole;
    for (int i = 0; i < 500; ++i)
        whole += pieces.emplace_back(jitter() % 50, static_cast<char>('a' + i % 26));
    write_cursor text;
    for (const std::string& piece : pieces)
        text.add(piece);
    std::string written;
    while (!text.empty()) {
        const auto parts = text.next(1 + jitter() % 3000);
        EXPECT_LE(parts.size(), write_cursor::most_parts);
        std::string offered;
        for (const std::string_view part : parts)
            offered += part;
        ASSERT_FALSE(offered.empty());
        const std::string taken = offered.substr(0, 1 + jitter() % offered.size());
        written += taken;
        text.written(taken.size());
    }
    EXPECT_EQ(written, whole);
}

} // namespace
} // namespace replmond::http
