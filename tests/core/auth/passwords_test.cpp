#include "daemon/core/auth/password_cache.hpp"
#include "daemon/core/auth/passwords.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace replmond::auth {
namespace {

using outcome = password_cache::outcome;
using verdict = password_cache::verdict;

// Made with `htpasswd -nbBC 4 "" right` and its like.
const std::string hash_of_u = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"; // "U*U"

std::string of_kind(char kind) {
    std::string hash = hash_of_u;
    hash[2] = kind;
    return hash;
}

TEST(BasicCredentials, Reads) {
    const auto read = parse_basic("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="); // RFC 7617, section 2
    ASSERT_TRUE(read);
    EXPECT_EQ(read->user, "Aladdin");
    EXPECT_EQ(read->password, "open sesame");
    EXPECT_EQ(parse_basic("bAsIc   dGVzdDoxMjPCow==")->password, "123\xc2\xa3");
    EXPECT_EQ(parse_basic("Basic YTo=")->password, "");
    EXPECT_EQ(parse_basic("Basic YTpiOmM")->password, "b:c");
}

TEST(BasicCredentials, RefusesWhatIsNone) {
    for (const char* text :
         {"", "Basic", "Basic ", "Bearer YTpi", "Basic YT pi", "Basic !", "Basic YWI=", "Basic Y",
          "Basic =", "Basic YTpi===", "Basic YTpi====", "BasicYTpi", "Basic YQA6Yg=="})
        EXPECT_FALSE(parse_basic(text)) << text;
}

TEST(Bcrypt, KnowsAllThreeKinds) {
    for (const char kind : {'a', 'b', 'y'}) {
        EXPECT_TRUE(matches_bcrypt(of_kind(kind), "U*U")) << kind;
        EXPECT_FALSE(matches_bcrypt(of_kind(kind), "U*V")) << kind;
        EXPECT_FALSE(matches_bcrypt(of_kind(kind), "")) << kind;
    }
    EXPECT_EQ(bcrypt_cost(hash_of_u), 5);
}

TEST(Bcrypt, TheCostIsTheTwoDigitsOfAHash) {
    EXPECT_EQ(bcrypt_cost("$2y$31$"), 31);
    EXPECT_EQ(bcrypt_cost("$2y$10"), 10);
    EXPECT_EQ(bcrypt_cost("$2y$1"), 0) << "too short";
    EXPECT_EQ(bcrypt_cost(""), 0);
}

TEST(Bcrypt, ABrokenHashMatchesNothing) {
    EXPECT_FALSE(matches_bcrypt("", ""));
    EXPECT_FALSE(matches_bcrypt("*0", ""));
    EXPECT_FALSE(matches_bcrypt("$2y$99$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "U*U"));
}

// Else a name that does not exist would be told at once.
TEST(Bcrypt, TheHashOfNobodyIsComputedLikeAny) {
    const std::string nobody = unmatchable_bcrypt_hash(4);
    EXPECT_EQ(nobody.size(), 60U);
    EXPECT_EQ(bcrypt_cost(nobody), 4);
    EXPECT_FALSE(matches_bcrypt(nobody, ""));
    std::string same_salt = nobody.substr(0, 29);
    EXPECT_EQ(same_salt, "$2y$04$abcdefghijklmnopqrstuu");
}

class PasswordCache : public ::testing::Test {
protected:
    PasswordCache() { cache_.change({{"alice", hash_of_u}, {"carol", "$2y$12$whatever"}}); }

    verdict look(const basic_credentials& given) { return cache_.look(given, "peer", now_).is; }

    /// Checks what is next, whoever asked for it.
    outcome check(bool right) {
        const auto asked = cache_.next(now_);
        EXPECT_TRUE(asked);
        return asked ? cache_.answer(*asked, right, now_) : outcome::outdated;
    }

    void make_right(const basic_credentials& given) {
        ASSERT_EQ(look(given), verdict::wait);
        ASSERT_EQ(check(true), outcome::right);
    }

    password_cache cache_{"key"};
    password_cache::time_point now_{};
    const basic_credentials alice_{"alice", "U*U"};
};

TEST_F(PasswordCache, ARightPasswordIsRemembered) {
    EXPECT_EQ(look(alice_), verdict::wait);
    EXPECT_EQ(look(alice_), verdict::wait);
    const auto asked = cache_.next(now_);
    ASSERT_TRUE(asked);
    EXPECT_EQ(asked->user, "alice");
    EXPECT_EQ(asked->password, "U*U");
    EXPECT_EQ(asked->hash, hash_of_u);
    EXPECT_EQ(asked->peer, "peer");
    EXPECT_EQ(look(alice_), verdict::wait);
    EXPECT_FALSE(cache_.next(now_)) << "the same is checked once";
    EXPECT_EQ(cache_.answer(*asked, true, now_), outcome::right);
    EXPECT_EQ(look(alice_), verdict::right);
    EXPECT_EQ(look({"alice", "U*"}), verdict::wait);
    EXPECT_EQ(look({"carol", "U*U"}), verdict::wait);
}

// A touched file, a new certificate or another user's password costs nobody a check.
TEST_F(PasswordCache, ItIsRememberedWhileTheUsersHashIsTheSame) {
    make_right(alice_);
    make_right({"carol", "c"});
    cache_.change({{"dave", "$2y$10$new"}, {"carol", "$2y$12$another"}, {"alice", hash_of_u}});
    EXPECT_EQ(look(alice_), verdict::right);
    EXPECT_EQ(look({"carol", "c"}), verdict::wait);
    cache_.change({{"carol", "$2y$12$another"}});
    EXPECT_EQ(look(alice_), verdict::wait);
    cache_.change({{"alice", hash_of_u}});
    EXPECT_EQ(look(alice_), verdict::wait) << "she was gone in between";
}

TEST_F(PasswordCache, AWrongOneIsCheckedAgain) {
    EXPECT_EQ(look({"alice", "no"}), verdict::wait);
    EXPECT_EQ(check(false), outcome::wrong);
    EXPECT_EQ(look({"alice", "no"}), verdict::wait);
    EXPECT_TRUE(cache_.next(now_));
}

TEST_F(PasswordCache, AnUnknownUserCostsAsMuchAsTheDearest) {
    EXPECT_EQ(look({"bob", "U*U"}), verdict::wait);
    const auto asked = cache_.next(now_);
    ASSERT_TRUE(asked);
    EXPECT_EQ(bcrypt_cost(asked->hash), 12);
    EXPECT_EQ(cache_.answer(*asked, true, now_), outcome::wrong); // whatever it is equal to
    EXPECT_EQ(look({"bob", "U*U"}), verdict::wait);
}

TEST_F(PasswordCache, WhatWaitsIsComparedWithTheHashInForceThen) {
    EXPECT_EQ(look(alice_), verdict::wait);
    EXPECT_EQ(look({"bob", "b"}), verdict::wait);
    cache_.change({{"alice", "$2y$04$another"}, {"bob", "$2y$05$bob"}});
    EXPECT_EQ(cache_.next(now_)->hash, "$2y$04$another");
    EXPECT_EQ(cache_.next(now_)->hash, "$2y$05$bob") << "bob has come to be known";
}

TEST_F(PasswordCache, AnAnswerFromBeforeAChangeCountsNothing) {
    EXPECT_EQ(look(alice_), verdict::wait);
    const auto asked = cache_.next(now_);
    cache_.change({{"alice", "$2y$04$another"}});
    EXPECT_EQ(cache_.answer(*asked, true, now_), outcome::outdated);
    EXPECT_EQ(look(alice_), verdict::wait);
    const auto again = cache_.next(now_);
    cache_.change({{"carol", hash_of_u}});
    EXPECT_EQ(cache_.answer(*again, true, now_), outcome::outdated) << "she is gone";

    EXPECT_EQ(look({"bob", "U*U"}), verdict::wait);
    const auto stranger = cache_.next(now_);
    cache_.change({{"bob", hash_of_u}});
    EXPECT_EQ(cache_.answer(*stranger, false, now_), outcome::outdated) << "he was compared with nobody";
}

TEST_F(PasswordCache, AnUnchangedUsersAnswerCountsAfterAChange) {
    EXPECT_EQ(look(alice_), verdict::wait);
    const auto asked = cache_.next(now_);
    cache_.change({{"alice", hash_of_u}});
    EXPECT_EQ(cache_.answer(*asked, true, now_), outcome::right);
    EXPECT_EQ(look(alice_), verdict::right);
}

TEST_F(PasswordCache, WhatCannotBeCheckedMayBeAskedAgain) {
    EXPECT_EQ(look(alice_), verdict::wait);
    const auto asked = cache_.next(now_);
    cache_.give_up(asked->of);
    EXPECT_FALSE(cache_.next(now_));
    make_right(alice_);
}

TEST_F(PasswordCache, StrangersTakeNoPlaceOfAKnownUser) {
    for (std::size_t i = 0; i < password_queue::places; ++i)
        EXPECT_EQ(look({"eve", std::to_string(i)}), verdict::wait);
    EXPECT_EQ(look({"eve", "one more"}), verdict::too_many);
    EXPECT_EQ(look({"mallory", "m"}), verdict::too_many);
    EXPECT_EQ(look({"eve", "3"}), verdict::wait) << "that one waits already";
    make_right(alice_);
    EXPECT_EQ(check(false), outcome::wrong);
    EXPECT_EQ(look({"eve", "one more"}), verdict::wait);
}

TEST_F(PasswordCache, WhoMakesRoomIsNamed) {
    for (std::size_t i = 0; i < password_queue::places; ++i)
        EXPECT_EQ(look({"alice", std::to_string(i)}), verdict::wait);
    EXPECT_EQ(look(alice_), verdict::too_many);
    const auto other = cache_.look(alice_, "another peer", now_);
    EXPECT_EQ(other.is, verdict::wait);
    ASSERT_TRUE(other.leaves);
    const auto last = cache_.look({"alice", std::to_string(password_queue::places - 1)}, "peer", now_);
    EXPECT_EQ(last.of, *other.leaves);
    EXPECT_EQ(last.is, verdict::too_many);
}

TEST_F(PasswordCache, NobodyIsAskedWhereThereAreNoUsers) {
    EXPECT_TRUE(cache_.asks_for_passwords());
    EXPECT_EQ(look(alice_), verdict::wait);
    cache_.change({});
    EXPECT_FALSE(cache_.asks_for_passwords());
    EXPECT_FALSE(cache_.next(now_));
}

TEST_F(PasswordCache, RemembersTheLast1024) {
    for (int i = 0; i < 1024; ++i) // bcrypt takes many passwords for one
        make_right({"alice", std::to_string(i)});
    EXPECT_EQ(look({"alice", "0"}), verdict::right);
    cache_.change({{"alice", hash_of_u}}); // they are remembered in the same order
    make_right({"alice", "1024"});
    EXPECT_EQ(look({"alice", "1024"}), verdict::right);
    EXPECT_EQ(look({"alice", "1"}), verdict::right);
    EXPECT_EQ(look({"alice", "0"}), verdict::wait);
}

} // namespace
} // namespace replmond::auth
