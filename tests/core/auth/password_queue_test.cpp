#include "daemon/core/auth/password_queue.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace replmond::auth {
namespace {

using ::testing::ElementsAre;

class PasswordQueue : public ::testing::Test {
protected:
    /// Who had to leave; empty: nobody.
    std::string push(const std::string& of, const std::string& user, const std::string& peer) {
        return queue_.push({of, user, peer}, now_).value_or("");
    }

    std::string pop() {
        const auto next = queue_.pop(now_);
        return next ? next->of : "none";
    }

    std::vector<std::string> pop_all() {
        std::vector<std::string> order;
        while (!queue_.empty())
            order.push_back(pop());
        return order;
    }

    void fill(const std::string& user, const std::string& peer, std::size_t count = password_queue::places) {
        for (std::size_t i = 0; i < count; ++i)
            ASSERT_EQ(push(user + peer + std::to_string(i), user, peer), "");
    }

    password_queue queue_;
    password_queue::time_point now_{};
};

TEST_F(PasswordQueue, OnePeersChecksAreInOrder) {
    EXPECT_EQ(pop(), "none");
    push("1", "alice", "p");
    push("2", "alice", "p");
    push("3", "alice", "p");
    EXPECT_THAT(pop_all(), ElementsAre("1", "2", "3"));
}

TEST_F(PasswordQueue, PeersTakeTurns) {
    push("a1", "alice", "a");
    push("a2", "alice", "a");
    push("a3", "alice", "a");
    push("b1", "alice", "b");
    push("c1", "alice", "c");
    push("b2", "alice", "b");
    EXPECT_THAT(pop_all(), ElementsAre("a1", "b1", "c1", "a2", "b2", "a3"));
}

TEST_F(PasswordQueue, UsersTakeTurns) {
    push("a1", "alice", "p");
    push("a2", "alice", "p");
    push("a3", "alice", "q");
    push("b1", "bob", "p");
    EXPECT_EQ(pop(), "a1");
    EXPECT_EQ(pop(), "b1");
    push("b2", "bob", "p");
    EXPECT_THAT(pop_all(), ElementsAre("a3", "b2", "a2"));
}

TEST_F(PasswordQueue, KnownUsersComeFirstButNotAlways) {
    for (const char* of : {"s1", "s2", "s3"})
        push(of, "", "p");
    for (const char* of : {"a1", "a2", "a3", "a4", "a5", "a6", "a7"})
        push(of, "alice", "q");
    EXPECT_THAT(pop_all(), ElementsAre("a1", "a2", "a3", "s1", "a4", "a5", "a6", "s2", "a7", "s3"));
}

TEST_F(PasswordQueue, WhoWasWrongLatelyComesLast) {
    queue_.answered("guesser", false, now_);
    push("g1", "alice", "guesser");
    push("g2", "alice", "guesser");
    push("a1", "alice", "scraper");
    push("a2", "alice", "scraper");
    EXPECT_THAT(pop_all(), ElementsAre("a1", "a2", "g1", "g2"));

    now_ += password_queue::wrong_password_memory - std::chrono::milliseconds(1);
    push("g1", "alice", "guesser");
    push("a1", "alice", "scraper");
    EXPECT_THAT(pop_all(), ElementsAre("a1", "g1"));
    now_ += std::chrono::milliseconds(1);
    push("g1", "alice", "guesser");
    push("a1", "alice", "newcomer");
    push("a2", "alice", "newcomer");
    EXPECT_THAT(pop_all(), ElementsAre("a1", "g1", "a2")) << "it is like any other again";
}

TEST_F(PasswordQueue, ARightAnswerMakesUpForWrongOnes) {
    queue_.answered("p", false, now_);
    queue_.answered("p", true, now_);
    push("p1", "alice", "p");
    push("q1", "alice", "q");
    EXPECT_THAT(pop_all(), ElementsAre("p1", "q1"));
}

// Behind one proxy all have the same address, and somebody there is always wrong.
TEST_F(PasswordQueue, BehindOneProxyKnownUsersGetIn) {
    queue_.answered("proxy", false, now_);
    fill("", "proxy");
    EXPECT_EQ(push("more", "", "proxy"), "more");
    EXPECT_EQ(push("a", "alice", "proxy"), "");
    EXPECT_EQ(push("b", "bob", "proxy"), "");
    EXPECT_EQ(pop(), "a");
    EXPECT_EQ(pop(), "b");
}

TEST_F(PasswordQueue, OneUserFloodedTakesNothingFromAnother) {
    fill("alice", "p");
    EXPECT_EQ(push("a", "alice", "p"), "a");
    EXPECT_EQ(push("b", "bob", "p"), "");
    EXPECT_EQ(pop(), "alicep0");
    EXPECT_EQ(pop(), "b");
}

TEST_F(PasswordQueue, WhoHoldsMoreMakesRoom) {
    fill("alice", "flood", password_queue::places - 1);
    EXPECT_EQ(push("other", "alice", "other"), "");
    EXPECT_EQ(push("a1", "alice", "scraper"), "aliceflood126");
    EXPECT_EQ(push("a2", "alice", "scraper"), "aliceflood125");
    EXPECT_EQ(push("f", "alice", "flood"), "f");
    EXPECT_THAT((std::vector{pop(), pop(), pop(), pop()}),
                ElementsAre("aliceflood0", "other", "a1", "aliceflood1"));
}

TEST_F(PasswordQueue, PeersThatHoldAlikeTakeNothingFromEachOther) {
    for (std::size_t i = 0; i < password_queue::places / 2; ++i) {
        const std::string peer = "p" + std::to_string(i);
        push(peer + "-1", "alice", peer);
        push(peer + "-2", "alice", peer);
    }
    EXPECT_EQ(push("n1", "alice", "n"), "p63-2");
    EXPECT_EQ(push("n2", "alice", "n"), "n2") << "it would hold as many as they do";
}

TEST_F(PasswordQueue, WhoWasWrongLatelyMakesRoomForWhoWasNot) {
    for (std::size_t i = 0; i < password_queue::places; ++i) {
        const std::string peer = "p" + std::to_string(i);
        push(peer, "alice", peer);
    }
    EXPECT_EQ(push("n", "alice", "n"), "n") << "each holds one";
    queue_.answered("p5", false, now_);
    EXPECT_EQ(push("n", "alice", "n"), "p5");
    queue_.answered("m", false, now_);
    EXPECT_EQ(push("m", "alice", "m"), "m");
}

TEST_F(PasswordQueue, AllTogetherHaveABound) {
    const std::size_t users = password_queue::all_places / password_queue::places;
    for (std::size_t i = 0; i < users; ++i)
        fill("user" + std::to_string(i), "p");
    EXPECT_EQ(push("b", "bob", "p"), "b");
    EXPECT_EQ(push("s", "", "p"), "s");
    pop();
    EXPECT_EQ(push("b", "bob", "p"), "");
}

TEST_F(PasswordQueue, PeersAreForgottenInTime) {
    queue_.answered("first", false, now_);
    for (int i = 0; i < 5000; ++i) {
        const std::string peer = "peer" + std::to_string(i);
        push(peer, "", peer);
        EXPECT_EQ(pop(), peer);
        queue_.answered(peer, false, now_);
    }
    push("4999", "alice", "peer4999");
    push("first", "alice", "first");
    EXPECT_EQ(pop(), "first");
}

TEST_F(PasswordQueue, AUserMayComeToBeKnown) {
    push("1", "", "p");
    push("2", "bob", "p");
    queue_.change_users([](const std::string& of) { return of == "1" ? "alice" : ""; });
    EXPECT_THAT(pop_all(), ElementsAre("1", "2"));
}

TEST_F(PasswordQueue, RemembersTheLatestPeersOnly) {
    const auto serve = [&](std::size_t peer, bool right) {
        const std::string name = "p" + std::to_string(peer);
        push("served", "alice", name);
        pop();
        queue_.answered(name, right, now_);
    };
    const auto first_is_held_wrong = [&] {
        push("of-first", "alice", "p0");
        push("of-second", "alice", "p1");
        return pop_all().front() == "of-second";
    };
    serve(0, false);
    for (std::size_t peer = 1; peer < 4096; ++peer)
        serve(peer, true);
    serve(4095, true); // known: nobody is forgotten for it
    EXPECT_TRUE(first_is_held_wrong());

    for (std::size_t peer = 1; peer < 4097; ++peer) // one more than are remembered
        serve(peer, true);
    EXPECT_FALSE(first_is_held_wrong());
}

} // namespace
} // namespace replmond::auth
