#include "daemon/core/http/dns_cache.hpp"

#include <gtest/gtest.h>

namespace replmond::http {
namespace {

using namespace std::chrono_literals;
using verdict = lookup_outcome::verdict;

const lookup_outcome found{verdict::found, {"192.0.2.1"}, ""};
const lookup_outcome moved{verdict::found, {"192.0.2.2", "2001:db8::2"}, ""};
const lookup_outcome unknown{verdict::no_such_name, {}, "no such name"};
const lookup_outcome unavailable{verdict::unavailable, {}, "try again"};

using hosts = std::vector<std::string>;

// The cache and a clock that stands still unless it is moved.
class DnsCache : public ::testing::Test {
protected:
    dns_cache::ticket ask(const std::string& host) { return cache_.ask(host, now_); }

    // All that may start now.
    std::vector<std::string> start() {
        std::vector<std::string> started;
        while (auto host = cache_.start_next(now_))
            started.push_back(*host);
        return started;
    }

    void end(const std::string& host, const lookup_outcome& outcome) { cache_.ended(host, outcome, now_); }

    std::optional<lookup_outcome> answer(const std::string& host, dns_cache::ticket of) const {
        return cache_.answer(host, of, now_);
    }

    // One lookup from its start to its end.
    void look_up(const std::string& host, const lookup_outcome& outcome,
                 std::chrono::steady_clock::duration taking = 5ms) {
        ask(host);
        ASSERT_EQ(start(), hosts{host});
        now_ += taking;
        end(host, outcome);
    }

    dns_cache cache_;
    dns_cache::time_point now_{};
};

TEST_F(DnsCache, OneLookupServesAllWhoAsk) {
    const auto first = ask("a");
    const auto queued = ask("a");
    EXPECT_EQ(start(), hosts{"a"});
    const auto joined = ask("a");
    EXPECT_EQ(start(), hosts{});
    EXPECT_EQ(answer("a", first), std::nullopt);
    end("a", found);
    for (const auto ticket : {first, queued, joined})
        EXPECT_EQ(answer("a", ticket), found);
    EXPECT_EQ(cache_.out(), 0);
}

TEST_F(DnsCache, EveryNewQuestionIsALookup) {
    look_up("a", found);
    const auto next = ask("a");
    EXPECT_EQ(answer("a", next), std::nullopt);
    EXPECT_EQ(start(), hosts{"a"});
    end("a", moved);
    EXPECT_EQ(answer("a", next), moved);
}

TEST_F(DnsCache, AtMostFourAtOnceInTheirOrder) {
    for (const char* host : {"f", "e", "d", "c", "b", "a"})
        ask(host);
    EXPECT_EQ(start(), (hosts{"f", "e", "d", "c"}));
    EXPECT_EQ(cache_.out(), 4);
    end("d", found);
    EXPECT_EQ(start(), hosts{"b"});
    end("b", found);
    EXPECT_EQ(start(), hosts{"a"});
}

TEST_F(DnsCache, LateLookupsLeaveAThreadFree) {
    for (const char* host : {"slow1", "slow2", "slow3", "slow4"})
        look_up(host, unavailable, 10s);
    for (const char* host : {"slow1", "slow2", "slow3", "slow4", "good", "better"})
        ask(host);
    // slow4 waits although a thread is free, and is passed by.
    EXPECT_EQ(start(), (hosts{"slow1", "slow2", "slow3", "good"}));
    end("good", found);
    EXPECT_EQ(start(), hosts{"better"});
    end("better", found);
    EXPECT_EQ(start(), hosts{});
    end("slow2", unavailable);
    EXPECT_EQ(start(), hosts{"slow4"});
}

TEST_F(DnsCache, WhatIsOutForASecondIsLate) {
    look_up("slow", found, 1s);
    for (const char* host : {"a", "b", "c"})
        ask(host);
    EXPECT_EQ(start(), (hosts{"a", "b", "c"}));
    now_ += 999ms;
    ask("slow");
    EXPECT_EQ(start(), hosts{"slow"}); // a, b and c are not late yet
    now_ += 1s;
    end("slow", found);
    ask("slow");
    EXPECT_EQ(start(), hosts{});
    ask("new");
    EXPECT_EQ(start(), hosts{"new"});
}

TEST_F(DnsCache, IsLateFromTheSecondOn) {
    look_up("slow", found, 1s);
    for (const char* host : {"a", "b", "c"})
        ask(host);
    EXPECT_EQ(start(), (hosts{"a", "b", "c"}));
    now_ += 1s;
    ask("slow");
    EXPECT_EQ(start(), hosts{});
}

TEST_F(DnsCache, NoSlowHostIsPassedByAnotherSlowOne) {
    for (const char* host : {"s1", "s2", "s3", "s4", "s5"})
        look_up(host, unavailable, 2s);
    for (const char* host : {"s1", "s2", "s3", "s4", "s5"})
        ask(host);
    EXPECT_EQ(start(), (hosts{"s1", "s2", "s3"}));
    now_ += 10s;
    end("s1", unavailable);
    ask("s1");
    EXPECT_EQ(start(), hosts{"s4"});
    end("s2", unavailable);
    ask("s2");
    EXPECT_EQ(start(), hosts{"s5"});
    end("s3", unavailable);
    EXPECT_EQ(start(), hosts{"s1"});
}

TEST_F(DnsCache, APromptAnswerMakesAHostGoodAgain) {
    for (const char* host : {"s1", "s2", "s3", "s4"})
        look_up(host, unavailable, 2s);
    look_up("s4", found);
    for (const char* host : {"s1", "s2", "s3", "s4"})
        ask(host);
    EXPECT_EQ(start(), (hosts{"s1", "s2", "s3", "s4"}));
}

TEST_F(DnsCache, HostsThatTurnOutToHangHoldEveryThread) {
    // The bound that the header states.
    for (const char* host : {"h1", "h2", "h3", "h4"})
        ask(host);
    EXPECT_EQ(start().size(), 4U);
    now_ += 1h;
    ask("good");
    EXPECT_EQ(start(), hosts{});
    end("h1", unavailable);
    ask("h1");
    EXPECT_EQ(start(), hosts{"good"});
}

TEST_F(DnsCache, LastGoodAddressesWhileALookupIsLate) {
    look_up("a", found);
    const auto ticket = ask("a");
    EXPECT_EQ(cache_.late_at("a"), now_ + 1s);
    start();
    now_ += 999ms;
    EXPECT_EQ(answer("a", ticket), std::nullopt);
    now_ += 1ms;
    EXPECT_EQ(answer("a", ticket), found);
    // Who comes now does not wait another second.
    EXPECT_EQ(answer("a", ask("a")), found);
    now_ += 24h;
    EXPECT_EQ(answer("a", ask("a")), found);
    end("a", moved);
    EXPECT_EQ(answer("a", ticket), moved);
}

TEST_F(DnsCache, LastGoodAddressesWhileALookupCannotStart) {
    look_up("a", found);
    for (const char* host : {"h1", "h2", "h3", "h4"})
        ask(host);
    start();
    const auto ticket = ask("a");
    EXPECT_EQ(start(), hosts{});
    now_ += 1s;
    EXPECT_EQ(answer("a", ticket), found);
}

TEST_F(DnsCache, AHostThatWasLateIsNotWaitedForAgain) {
    look_up("a", found);
    look_up("a", unavailable, 10s);
    const auto ticket = ask("a");
    EXPECT_EQ(answer("a", ticket), found);
    EXPECT_EQ(start(), hosts{"a"}); // each use is a lookup nevertheless
}

TEST_F(DnsCache, LastGoodAddressesWhereNobodyCanSay) {
    look_up("a", found);
    const auto ticket = ask("a");
    start();
    end("a", unavailable);
    EXPECT_EQ(answer("a", ticket), found);
}

TEST_F(DnsCache, NothingIsHandedOutThatWasNeverFound) {
    const auto ticket = ask("a");
    start();
    EXPECT_EQ(cache_.late_at("a"), dns_cache::time_point::max());
    now_ += 24h;
    EXPECT_EQ(answer("a", ticket), std::nullopt);
    end("a", unavailable);
    EXPECT_EQ(answer("a", ticket), unavailable);
}

TEST_F(DnsCache, ANameThatIsSaidNotToExistIsForgotten) {
    look_up("a", found);
    const auto ticket = ask("a");
    start();
    end("a", unknown);
    EXPECT_EQ(answer("a", ticket), unknown);
    const auto next = ask("a");
    start();
    end("a", unavailable);
    EXPECT_EQ(answer("a", next), unavailable);
}

} // namespace
} // namespace replmond::http
