#include "daemon/cloud/credential.hpp"
#include "daemon/model/text.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace replmond::cloud {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

credential token(std::string text) {
    credential made;
    made.secret = std::move(text);
    return made;
}

credential key(std::string access, std::string secret, std::optional<std::string> security_token = {}) {
    credential made;
    made.secret = signing_key{std::move(access), std::move(secret), std::move(security_token)};
    return made;
}

TEST(Credential, IsTheSameByItsSecretAlone) {
    struct row {
        credential a;
        credential b;
        bool same;
    };
    const std::vector<row> table{
        {token("t"), token("t"), true},
        {token("t"), token("u"), false},
        {token(""), key("", ""), false},
        {key("a", "s"), key("a", "s"), true},
        {key("a", "s"), key("b", "s"), false},
        {key("a", "s"), key("a", "t"), false},
        {key("a", "s"), key("a", "s", "x"), false},
        {key("a", "s", "x"), key("a", "s", "x"), true},
        {key("a", "s", "x"), key("a", "s", "y"), false},
        {key("a", "s", ""), key("a", "s"), false},
    };
    for (std::size_t i = 0; i < table.size(); ++i) {
        EXPECT_EQ(same_secret(table[i].a, table[i].b), table[i].same) << i;
        EXPECT_EQ(same_secret(table[i].b, table[i].a), table[i].same) << i;
    }

    credential later = token("t");
    later.issued_at = timestamp(hours(1));
    later.expires_at = timestamp(hours(2));
    later.project_id = "p";
    later.source = "elsewhere";
    EXPECT_TRUE(same_secret(later, token("t")));
}

TEST(Credential, ShowsFourCharactersOfAnIdAtMost) {
    const std::vector<std::pair<std::string, std::string>> table{
        {"", "..."},
        {"CESS", "..."},
        {"1234567", "..."},
        {"12345678", "...5678"},
        {"QTWAOYTTINDUT2QVKYUC", "...KYUC"},
        {"12345678\n", "..."},
        {"1234 5678", "..."},
        {"1234567\xC3\xA9", "..."},
        {std::string("1234567\0", 8), "..."},
    };
    for (const auto& [id, shown] : table)
        EXPECT_EQ(last_four(id), shown) << id;
}

TEST(Credential, KnowsWhatFitsIntoAHeaderAndAPath) {
    struct row {
        std::string text;
        bool header;
        bool path;
    };
    const std::vector<row> table{
        {"0123456789abcdef0123456789abcdef", true, true},
        {"A-b_9", true, true},
        {std::string(64, 'a'), true, true},
        {std::string(65, 'a'), true, false},
        {"a/../b", true, false},
        {"a?b", true, false},
        {"~!", true, false},
        {"", false, false},
        {" a", false, false},
        {"a\r\nX-Evil: 1", false, false},
        {std::string("a\0b", 3), false, false},
        {"\x7F", false, false},
        {"\xC3\xA9", false, false},
    };
    for (const row& r : table) {
        EXPECT_EQ(replmond::is_visible_ascii(r.text), r.header) << r.text;
        EXPECT_EQ(is_project_id(r.text), r.path) << r.text;
    }
}

TEST(Credential, IsRenewedBeforeItEnds) {
    struct row {
        bool is_token;
        std::optional<milliseconds> life; ///< none: issued at a time not known
        milliseconds left;                ///< when it is renewed
    };
    const std::vector<row> table{
        {true, hours(24), hours(1)},
        {true, hours(5), hours(1)},
        {true, hours(4), minutes(48)},
        {true, minutes(10), minutes(2)},
        {true, hours(0), hours(0)},
        {true, hours(-1), hours(0)}, // over before it was issued
        {true, std::nullopt, hours(1)},
        {false, hours(24), minutes(10)},
        {false, minutes(20), minutes(10)},
        {false, minutes(15), milliseconds(450'000)},
        {false, milliseconds(1), milliseconds(0)},
        {false, hours(-1), hours(0)},
        {false, std::nullopt, minutes(10)},
    };
    const timestamp end{hours(500'000)};
    for (std::size_t i = 0; i < table.size(); ++i) {
        credential held = table[i].is_token ? token("t") : key("a", "s", "x");
        EXPECT_FALSE(renew_at(held)) << i;
        held.expires_at = end;
        if (table[i].life)
            held.issued_at = end - *table[i].life;
        EXPECT_EQ(renew_at(held), end - table[i].left) << i;
    }
}

} // namespace
} // namespace replmond::cloud
