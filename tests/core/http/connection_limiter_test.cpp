#include "daemon/core/http/address.hpp"
#include "daemon/core/http/connection_limiter.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <optional>

namespace replmond::http {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using id = connection_limiter::id;

constexpr std::size_t kib = 1024;
constexpr std::size_t mib = 1024 * kib;

std::shared_ptr<const buffer_chain>
text_of(std::initializer_list<std::shared_ptr<const std::string>> pieces) {
    buffer_chain text;
    for (const auto& piece : pieces)
        text.add(piece);
    return std::make_shared<const buffer_chain>(std::move(text));
}

std::shared_ptr<const std::string> piece_of(std::size_t bytes) {
    return std::make_shared<const std::string>(bytes, 'x');
}

/// A limiter at a time that the test moves.
class ConnectionLimiter : public ::testing::Test {
protected:
    void limit(std::size_t connections, std::size_t bytes = 1'000'000) {
        limits_.connections = connections;
        limits_.answer_bytes = bytes;
        limiter_.emplace(limits_);
    }

    id open(const std::string& peer = "p") { return limiter_->open(peer, now_); }

    std::vector<id> open_and_close(const std::string& peer = "p") {
        return limiter_->close_for(open(peer), now_);
    }

    /// One that has asked, and takes its answer.
    id answered(const std::string& peer = "p") {
        const id who = open(peer);
        limiter_->answers(who, now_);
        return who;
    }

    /// One that has taken `bytes` and is silent now.
    id idle(const std::string& peer, std::size_t bytes) {
        const id who = answered(peer);
        limiter_->moved(who, bytes, now_);
        limiter_->waits(who, now_);
        return who;
    }

    std::vector<id> sends_own(id who, std::size_t bytes) {
        limiter_->sends(who, nullptr, bytes, now_);
        return limiter_->close_for(who, now_);
    }

    std::vector<id> sends_shared(id who, const std::shared_ptr<const buffer_chain>& text) {
        limiter_->sends(who, text, text->size, now_);
        return limiter_->close_for(who, now_);
    }

    void wait(std::chrono::steady_clock::duration time) { now_ += time; }

    server_limits limits_;
    connection_limiter::time now_{1h};
    std::optional<connection_limiter> limiter_;
};

TEST(PeerGroup, IsTheAddressAndOfIpv6ItsFirstHalf) {
    const std::vector<std::pair<std::string, std::string>> table{
        {"192.0.2.1", "192.0.2.1"},
        {"::ffff:192.0.2.1", "192.0.2.1"},
        {"::1", "::/64"},
        {"2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"},
        {"2001:db8:1:2::7", "2001:db8:1:2::/64"},
        {"2001:db8:1:2:ff00::", "2001:db8:1:2::/64"},
        {"2001:db8:1:3::7", "2001:db8:1:3::/64"},
        {"fe80::1%eth0", "fe80::/64"},
        {"", ""},
        {"nonsense", "nonsense"},
    };
    for (const auto& [address, group] : table)
        EXPECT_EQ(peer_group(address), group) << address;
}

TEST_F(ConnectionLimiter, NobodyGoesWhileThereIsRoom) {
    limit(2);
    EXPECT_THAT(open_and_close(), IsEmpty());
    EXPECT_THAT(open_and_close(), IsEmpty());
    EXPECT_EQ(limiter_->size(), 2U);
}

// Two connections of one peer, a third comes: who of the two goes?
TEST_F(ConnectionLimiter, WhoIsFurthestBehindGoes) {
    struct row {
        const char* what;
        std::function<id()> stays; ///< opened first: being the oldest is no reason
        std::function<id()> goes;
        std::chrono::milliseconds after;
    };
    const std::vector<row> rows = {
        {"a scraper between two scrapes, and a silent client", [&] { return idle("p", 20 * kib); },
         [&] { return open(); }, 2s},
        {"a scraper that has read much, and one that has read little", [&] { return idle("p", mib); },
         [&] { return idle("p", kib); }, 15s},
        {"a fast reader, and one that takes what the kernel holds",
         [&] {
             const id who = answered();
             limiter_->moved(who, 10 * mib, now_);
             return who;
         },
         [&] {
             const id who = answered();
             limiter_->moved(who, 256 * kib, now_);
             return who;
         },
         5s},
        {"one that takes its answer, and a silent one", [&] { return answered(); }, [&] { return open(); },
         1s},
        {"one that waits for its answer, and one that sends a byte a second", [&] { return answered(); },
         [&] {
             const id who = open();
             limiter_->moved(who, 5, now_);
             return who;
         },
         5s},
    };
    for (const row& each : rows) {
        SCOPED_TRACE(each.what);
        limit(2);
        const id stays = each.stays();
        const id goes = each.goes();
        wait(each.after);
        EXPECT_THAT(open_and_close(), ElementsAre(goes));
        EXPECT_TRUE(limiter_->knows(stays));
    }
}

TEST_F(ConnectionLimiter, AmongEqualsTheOldestGoes) {
    limit(2);
    const id a = open();
    const id b = open();
    EXPECT_THAT(open_and_close(), ElementsAre(a));
    wait(1s);
    EXPECT_THAT(open_and_close(), ElementsAre(b));
}

// The scraper has just come: its request is on the way.
TEST_F(ConnectionLimiter, TheNewcomerStaysWhereAllOthersReadSlowly) {
    limit(8);
    for (int i = 0; i < 7; ++i) {
        const id slow = answered();
        limiter_->moved(slow, 256 * kib, now_);
        wait(200ms);
    }
    const id scraper = open();
    for (int i = 0; i < 20; ++i) {
        wait(10ms);
        const id slow = answered();
        EXPECT_THAT(limiter_->close_for(slow, now_), ::testing::SizeIs(1));
        EXPECT_EQ(limiter_->knows(scraper), i < 7) << i; // silence must not win for ever
        if (!limiter_->knows(scraper))
            return;
    }
    FAIL() << "silence must not win";
}

TEST_F(ConnectionLimiter, ANextRequestHasItsOwnTime) {
    limit(2);
    const id kept = idle("p", kib);
    wait(100s);
    limiter_->moved(kept, 10, now_); // asks again
    const id silent = open();
    wait(1s);
    limiter_->moved(kept, 10, now_);
    limiter_->answers(kept, now_);
    EXPECT_THAT(open_and_close(), ElementsAre(silent));
}

TEST_F(ConnectionLimiter, ARequestBeginsWithItsFirstByte) {
    for (const std::size_t bytes : {0, 1}) {
        limit(2);
        const id kept = idle("p", kib);
        wait(100s);
        const id silent = open();
        wait(100ms);
        limiter_->moved(kept, bytes, now_);
        wait(1s);
        EXPECT_THAT(open_and_close(), ElementsAre(bytes == 0 ? kept : silent)) << bytes;
    }
}

TEST_F(ConnectionLimiter, WhoHoldsMostGoesFirst) {
    limit(16);
    const id scraper = idle("scraper", kib);
    const id browser = open("browser");
    wait(100s); // both look worse than any of the crowd
    for (int i = 0; i < 100; ++i) {
        const id one = answered("crowd");
        limiter_->moved(one, 100 * mib, now_);
        limiter_->close_for(one, now_);
    }
    EXPECT_TRUE(limiter_->knows(scraper));
    EXPECT_TRUE(limiter_->knows(browser));
    EXPECT_EQ(limiter_->size(), 16U);
}

// Two of one machine are no crowd, though all others have one each.
TEST_F(ConnectionLimiter, WhoHasOneMoreThanItsPartGoesFirst) {
    limit(4); // an eighth of that is less than one: then it is one
    const id silent = open("stranger");
    wait(5s);
    const id first = answered("pair");
    answered("pair");
    open("other");
    EXPECT_THAT(open_and_close("newest"), ElementsAre(first));
    EXPECT_TRUE(limiter_->knows(silent));
}

// Of equals the first goes: so a byte more that counts would show.
TEST_F(ConnectionLimiter, WhatTheKernelHoldsCountsNot) {
    for (const std::size_t beyond : {0, 1}) {
        limit(2);
        const id first = answered();
        limiter_->moved(first, 256 * kib + beyond, now_);
        const id second = answered();
        wait(1s);
        EXPECT_THAT(open_and_close(), ElementsAre(beyond == 0 ? first : second)) << beyond;
    }
}

TEST_F(ConnectionLimiter, SixtyFourKibASecondUseNoTime) {
    limit(2);
    const id later = idle("p", kib);
    const id earlier = open();
    limiter_->moved(earlier, 128 * kib, now_);
    wait(1s);
    limiter_->moved(later, 64 * kib, now_); // its next request
    wait(2s);
    EXPECT_THAT(open_and_close(), ElementsAre(later)); // each is a second behind
}

TEST_F(ConnectionLimiter, TheNewestAloneStays) {
    limit(0);
    EXPECT_THAT(open_and_close(), IsEmpty());
    EXPECT_EQ(limiter_->size(), 1U);
}

TEST_F(ConnectionLimiter, AnEighthIsForEverybody) {
    limit(16);
    const id first = idle("pair", 10 * mib);
    const id second = idle("pair", 10 * mib);
    for (int i = 0; i < 100; ++i) {
        wait(10ms);
        open_and_close("stranger " + std::to_string(i));
    }
    EXPECT_TRUE(limiter_->knows(first));
    EXPECT_TRUE(limiter_->knows(second));
}

TEST_F(ConnectionLimiter, TextOnItsWayIsLimited) {
    limit(9, 100);
    const id a = answered();
    wait(1s);
    const id b = answered();
    const id c = answered();
    EXPECT_THAT(sends_own(b, 60), IsEmpty());
    EXPECT_THAT(sends_own(a, 60), ElementsAre(b)); // never the newest
    EXPECT_EQ(limiter_->bytes(), 60U);
    EXPECT_THAT(sends_own(c, 1000), ElementsAre(a)); // alone too much: sent all the same
    EXPECT_EQ(limiter_->bytes(), 1000U);
    limiter_->waits(c, now_);
    EXPECT_EQ(limiter_->bytes(), 0U);
}

TEST_F(ConnectionLimiter, WhoMovesLeastOfItsTextGoesFirst) {
    limit(9, 10 * mib);
    const id fast = answered();
    sends_own(fast, 4 * mib);
    limiter_->moved(fast, 3 * mib, now_);
    const id slow = answered();
    sends_own(slow, 4 * mib);
    wait(3s);
    EXPECT_THAT(sends_own(answered(), 4 * mib), ElementsAre(slow));
}

TEST_F(ConnectionLimiter, WhoHoldsMostTextGoesFirst) {
    limit(99, 64 * mib);
    const id honest = answered("scraper");
    sends_own(honest, 4 * mib);
    wait(10s);
    std::size_t closed = 0;
    for (int i = 0; i < 30; ++i)
        closed += sends_own(answered("crowd"), 4 * mib).size();
    EXPECT_TRUE(limiter_->knows(honest));
    EXPECT_EQ(closed, 15U);
    EXPECT_EQ(limiter_->bytes(), 64 * mib);
}

TEST_F(ConnectionLimiter, ASharedTextCountsOnceAndForNobody) {
    limit(9, 100);
    const auto text = text_of({piece_of(80)});
    const id a = answered();
    const id b = answered();
    EXPECT_THAT(sends_shared(a, text), IsEmpty());
    EXPECT_THAT(sends_shared(b, text), IsEmpty());
    EXPECT_EQ(limiter_->bytes(), 80U);
    wait(1s);
    const id own = answered();
    sends_own(own, 1);
    EXPECT_THAT(sends_own(answered(), 20), ElementsAre(own)); // closing a or b would free nothing
    limiter_->closed(a);
    EXPECT_EQ(limiter_->bytes(), 100U);
    limiter_->closed(b);
    limiter_->closed(b);
    EXPECT_EQ(limiter_->bytes(), 20U);
}

TEST_F(ConnectionLimiter, ASharedTextThatOneSendsIsItsOwn) {
    limit(9, 100);
    const id lone = answered();
    sends_shared(lone, text_of({piece_of(60)}));
    wait(1s);
    sends_own(answered(), 30);
    EXPECT_THAT(sends_own(answered(), 20), ElementsAre(lone));
    EXPECT_EQ(limiter_->bytes(), 50U);
    const auto text = text_of({piece_of(50)});
    EXPECT_THAT(sends_shared(answered(), text), IsEmpty()); // just as much as is allowed
    EXPECT_EQ(limiter_->bytes(), 100U);
}

TEST_F(ConnectionLimiter, AnEighthOfTheBytesIsForEverybody) {
    limit(9, 100);
    const id own = answered("a");
    sends_own(own, 10);
    wait(1s);
    const id shared = answered("b");
    sends_shared(shared, text_of({piece_of(10)}));
    EXPECT_THAT(sends_own(answered("c"), 90), ElementsAre(own));
    EXPECT_TRUE(limiter_->knows(shared));
}

TEST_F(ConnectionLimiter, OneSharedTextPushesAnotherOut) {
    limit(9, 100);
    const auto one = text_of({piece_of(80)});
    const auto two = text_of({piece_of(80)});
    const auto large = text_of({piece_of(200)});
    open("idle");
    const id first = answered();
    const id second = answered();
    sends_shared(first, one);
    EXPECT_THAT(sends_shared(second, two), ElementsAre(first));
    EXPECT_THAT(sends_shared(answered(), large), ElementsAre(second));
    EXPECT_EQ(limiter_->bytes(), 200U); // too much alone, and the idle one is no help
    EXPECT_EQ(limiter_->size(), 2U);
}

// Two scrapes in a row have nearly all of their chunks in common.
TEST_F(ConnectionLimiter, AChunkOfTwoTextsCountsOnce) {
    limit(9, 100);
    auto common = piece_of(70);
    const auto one = text_of({common, piece_of(10)});
    const auto two = text_of({common, piece_of(20)});
    common.reset();
    EXPECT_THAT(sends_shared(answered(), one), IsEmpty());
    EXPECT_THAT(sends_shared(answered(), two), IsEmpty());
    EXPECT_EQ(limiter_->bytes(), 100U);
}

TEST_F(ConnectionLimiter, WhatThePageHoldsAnywayCountsNot) {
    limit(9, 100);
    auto of_the_page = piece_of(1000);
    EXPECT_THAT(sends_shared(answered(), text_of({of_the_page, piece_of(10)})), IsEmpty());
    EXPECT_THAT(sends_shared(answered(), text_of({of_the_page, piece_of(20)})), IsEmpty());
    EXPECT_EQ(limiter_->bytes(), 30U);
    of_the_page.reset(); // it has a newer one: now the readers hold it
    EXPECT_EQ(limiter_->bytes(), 1030U);
}

// Each of them reads another second's text, and never ends.
TEST_F(ConnectionLimiter, OldTextsOfSlowReadersAreLimited) {
    limit(99, 10 * mib);
    std::vector<id> closed;
    for (int second = 0; second < 50; ++second) {
        wait(1s);
        const auto text = text_of({piece_of(mib)});
        for (int i = 0; i < 2; ++i) { // in pairs, so that each text is shared
            for (const id each : sends_shared(answered(), text))
                closed.push_back(each);
        }
        EXPECT_LE(limiter_->bytes(), 10 * mib);
    }
    EXPECT_THAT(std::vector(closed.begin(), closed.begin() + 4), ElementsAre(1, 2, 3, 4));
    EXPECT_EQ(closed.size(), 80U);
}

TEST_F(ConnectionLimiter, WhatIsToldOfTheForgottenIsNothing) {
    limit(1);
    const id a = open();
    open_and_close();
    EXPECT_FALSE(limiter_->knows(a));
    limiter_->moved(a, 10, now_);
    limiter_->answers(a, now_);
    limiter_->sends(a, nullptr, 10, now_);
    limiter_->waits(a, now_);
    EXPECT_EQ(limiter_->size(), 1U);
    EXPECT_EQ(limiter_->bytes(), 0U);
}

TEST_F(ConnectionLimiter, MakesRoomOfAnyThatWaits) {
    limit(9);
    const id a = open();
    EXPECT_THAT(limiter_->close_one_that_waits(now_), ElementsAre(a));
}

TEST_F(ConnectionLimiter, MakesRoomOfThoseThatWaitOnly) {
    limit(9);
    const id a = answered();
    wait(20s);
    const id b = open();
    EXPECT_THAT(limiter_->close_one_that_waits(now_), ElementsAre(b));
    EXPECT_THAT(limiter_->close_one_that_waits(now_), IsEmpty());
    limiter_->limit(1);
    EXPECT_THAT(open_and_close(), ElementsAre(a));
}

} // namespace
} // namespace replmond::http
