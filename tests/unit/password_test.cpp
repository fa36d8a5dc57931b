#include "daemon/access/basic_credentials.hpp"
#include "daemon/access/bcrypt.hpp"
#include "daemon/access/password_book.hpp"

#include <gtest/gtest.h>

#include <string>

namespace replmond::access {
namespace {

using verdict = password_book::verdict;

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
    for (const char* text : {"", "Basic", "Basic ", "Bearer YTpi", "Basic YT pi", "Basic !", "Basic YWI=",
                             "Basic Y", "Basic =", "Basic YTpi====", "BasicYTpi", "Basic YQA6Yg=="})
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

TEST(Bcrypt, ABrokenHashMatchesNothing) {
    EXPECT_FALSE(matches_bcrypt("", ""));
    EXPECT_FALSE(matches_bcrypt("*0", ""));
    EXPECT_FALSE(matches_bcrypt("$2y$99$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW", "U*U"));
}

// Else a name that does not exist would be told at once.
TEST(Bcrypt, TheHashOfNobodyIsComputedLikeAny) {
    const std::string nobody = bcrypt_of_nobody(4);
    EXPECT_EQ(nobody.size(), 60U);
    EXPECT_EQ(bcrypt_cost(nobody), 4);
    EXPECT_FALSE(matches_bcrypt(nobody, ""));
    std::string same_salt = nobody.substr(0, 29);
    EXPECT_EQ(same_salt, "$2y$04$abcdefghijklmnopqrstuu");
}

class PasswordBook : public ::testing::Test {
protected:
    PasswordBook() { book_.change({{"alice", hash_of_u}, {"carol", "$2y$12$whatever"}}); }

    password_book book_{"key"};
};

TEST_F(PasswordBook, ARightPasswordIsRememberedUntilTheUsersChange) {
    const basic_credentials alice{"alice", "U*U"};
    const auto asked = book_.look(alice);
    EXPECT_EQ(asked.is, verdict::check);
    EXPECT_EQ(asked.hash, hash_of_u);
    EXPECT_EQ(book_.look(alice).is, verdict::wait);
    EXPECT_TRUE(book_.answer(asked, true));
    EXPECT_EQ(book_.look(alice).is, verdict::right);
    EXPECT_EQ(book_.look({"alice", "U*"}).is, verdict::check);
    EXPECT_EQ(book_.look({"carol", "U*U"}).is, verdict::check);
    book_.change({{"alice", hash_of_u}});
    EXPECT_EQ(book_.look(alice).is, verdict::check);
}

TEST_F(PasswordBook, AWrongOneIsCheckedAgain) {
    const auto asked = book_.look({"alice", "no"});
    EXPECT_FALSE(book_.answer(asked, false));
    EXPECT_EQ(book_.look({"alice", "no"}).is, verdict::check);
}

TEST_F(PasswordBook, AnUnknownUserCostsAsMuchAsTheDearest) {
    const auto asked = book_.look({"bob", "U*U"});
    EXPECT_EQ(asked.is, verdict::check);
    EXPECT_EQ(bcrypt_cost(asked.hash), 12);
    EXPECT_FALSE(book_.answer(asked, true)); // whatever it is equal to
    EXPECT_EQ(book_.look({"bob", "U*U"}).is, verdict::check);
}

TEST_F(PasswordBook, AnAnswerFromBeforeAChangeCountsNothing) {
    const auto asked = book_.look({"alice", "U*U"});
    book_.change({{"alice", "$2y$04$another"}});
    EXPECT_FALSE(book_.answer(asked, true));
    EXPECT_EQ(book_.look({"alice", "U*U"}).is, verdict::check);
}

TEST_F(PasswordBook, OneRunsAndEightWait) {
    std::vector<password_book::question> asked;
    for (int i = 0; i < 9; ++i)
        asked.push_back(book_.look({"eve", std::to_string(i)}));
    EXPECT_EQ(asked.back().is, verdict::check);
    EXPECT_EQ(book_.look({"eve", "9"}).is, verdict::too_many);
    EXPECT_EQ(book_.look({"eve", "3"}).is, verdict::wait);
    book_.answer(asked[0], false);
    EXPECT_EQ(book_.look({"eve", "9"}).is, verdict::check);
}

TEST_F(PasswordBook, NobodyIsAskedWhereThereAreNoUsers) {
    EXPECT_TRUE(book_.asks_for_passwords());
    book_.change({});
    EXPECT_FALSE(book_.asks_for_passwords());
}

TEST_F(PasswordBook, RemembersALimitedNumber) {
    for (int i = 0; i < 1100; ++i) { // bcrypt takes many passwords for one
        const auto asked = book_.look({"alice", std::to_string(i)});
        ASSERT_TRUE(book_.answer(asked, true));
    }
    EXPECT_EQ(book_.look({"alice", "1099"}).is, verdict::right);
    EXPECT_EQ(book_.look({"alice", "0"}).is, verdict::check);
}

} // namespace
} // namespace replmond::access
