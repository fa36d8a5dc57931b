#include "daemon/net/connection_book.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace replmond::net {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::size_t plenty = 1'000'000;
const int text_a = 0; // only their addresses count
const int text_b = 0;
const int text_c = 0;

TEST(ConnectionBook, NobodyGoesWhileThereIsRoom) {
    connection_book book(2, plenty);
    EXPECT_THAT(book.close_for(book.open()), IsEmpty());
    EXPECT_THAT(book.close_for(book.open()), IsEmpty());
    EXPECT_EQ(book.size(), 2U);
}

TEST(ConnectionBook, WhoWaitsTheLongestGoesFirst) {
    connection_book book(3, plenty);
    const auto a = book.open();
    const auto b = book.open();
    const auto c = book.open();
    book.answers(a);
    book.waits(a); // waits since now
    const auto d = book.open();
    EXPECT_THAT(book.close_for(d), ElementsAre(b));
    const auto e = book.open();
    EXPECT_THAT(book.close_for(e), ElementsAre(c));
    const auto f = book.open();
    EXPECT_THAT(book.close_for(f), ElementsAre(a));
    EXPECT_EQ(book.size(), 3U);
}

TEST(ConnectionBook, WhoHasARequestGoesOnlyWhenNobodyWaits) {
    connection_book book(2, plenty);
    const auto a = book.open();
    const auto b = book.open();
    book.answers(a);
    const auto c = book.open();
    EXPECT_THAT(book.close_for(c), ElementsAre(b));
    book.answers(c);
    const auto d = book.open();
    EXPECT_THAT(book.close_for(d), ElementsAre(a)); // never the newest
    EXPECT_TRUE(book.knows(d));
}

// Nearly all are slow readers: the scraper that came just now is not the one to go.
TEST(ConnectionBook, TheNewestThatWaitsStaysWhereNearlyAllAreAnswered) {
    connection_book book(8, plenty);
    std::vector<connection_book::id> slow;
    for (int i = 0; i < 7; ++i) {
        slow.push_back(book.open());
        book.answers(slow.back());
    }
    const auto scraper = book.open();
    EXPECT_THAT(book.close_for(scraper), IsEmpty());
    const auto next = book.open();
    EXPECT_THAT(book.close_for(next), ElementsAre(slow[0]));
    for (int i = 0; i < 6; ++i) { // which wait, too: by and by it is among the older ones
        const auto another = book.open();
        const auto closed = book.close_for(another);
        if (!book.knows(scraper))
            return;
        EXPECT_THAT(closed, ElementsAre(slow[static_cast<std::size_t>(i) + 1]));
    }
    FAIL() << "silence must not win";
}

TEST(ConnectionBook, TextOnItsWayIsLimited) {
    connection_book book(9, 100);
    const auto a = book.open();
    const auto b = book.open();
    const auto c = book.open();
    for (const auto each : {a, b, c})
        book.answers(each);
    book.sends(b, &text_b, 60);
    EXPECT_THAT(book.close_for(b), IsEmpty());
    book.sends(a, &text_a, 60);
    EXPECT_THAT(book.close_for(a), ElementsAre(b));
    EXPECT_EQ(book.bytes(), 60U);
    book.sends(c, &text_c, 1000); // alone too much: sent all the same
    EXPECT_THAT(book.close_for(c), ElementsAre(a));
    EXPECT_EQ(book.bytes(), 1000U);
    book.waits(c);
    EXPECT_EQ(book.bytes(), 0U);
}

TEST(ConnectionBook, ASharedTextCountsOnce) {
    connection_book book(9, 100);
    const auto a = book.open();
    const auto b = book.open();
    book.sends(a, &text_a, 80);
    book.sends(b, &text_a, 80);
    EXPECT_THAT(book.close_for(b), IsEmpty());
    EXPECT_EQ(book.bytes(), 80U);
    book.closed(a);
    EXPECT_EQ(book.bytes(), 80U);
    book.closed(b);
    book.closed(b);
    EXPECT_EQ(book.bytes(), 0U);
}

TEST(ConnectionBook, WhatIsToldOfTheForgottenIsNothing) {
    connection_book book(1, plenty);
    const auto a = book.open();
    book.close_for(book.open());
    EXPECT_FALSE(book.knows(a));
    book.answers(a);
    book.sends(a, &text_a, 10);
    book.waits(a);
    EXPECT_EQ(book.size(), 1U);
    EXPECT_EQ(book.bytes(), 0U);
}

TEST(ConnectionBook, MakesRoomOfThoseThatWaitOnly) {
    connection_book book(9, plenty);
    const auto a = book.open();
    const auto b = book.open();
    book.answers(a);
    EXPECT_THAT(book.close_oldest_waiting(), ElementsAre(b));
    EXPECT_THAT(book.close_oldest_waiting(), IsEmpty());
    book.limit(1);
    const auto c = book.open();
    EXPECT_THAT(book.close_for(c), ElementsAre(a));
}

} // namespace
} // namespace replmond::net
