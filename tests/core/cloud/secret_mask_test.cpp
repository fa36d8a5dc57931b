#include "daemon/core/cloud/errors.hpp"
#include "daemon/core/cloud/secret_mask.hpp"
#include "daemon/core/cloud/task_page.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace replmond::cloud {
namespace {

secret_mask of(std::initializer_list<std::string_view> secrets) {
    secret_mask mask;
    for (const auto secret : secrets)
        mask.add(secret);
    return mask;
}

struct row {
    std::string secret;
    std::string body;
    std::string masked;
};

TEST(SecretMask, FindsASecretHoweverItIsWritten) {
    const std::string odd = R"(hun"ter\2/x y)";
    const std::vector<row> table{
        {"hunter2", "bad request: hunter2, hunter2", "bad request: <secret>, <secret>"},
        {"hunter2", R"({"error_msg":"no"})", R"({"error_msg":"no"})"},
        {odd, R"(you sent {"password":"hun\"ter\\2/x y"})", R"(you sent {"password":"<secret>"})"},
        {odd, R"({"error_msg":"you sent \"hun\\\"ter\\\\2/x y\""})",
         R"({"error_msg":"you sent \"<secret>\""})"},
        {odd, "?password=hun%22ter%5C2%2Fx%20y", "?password=<secret>"},
        {odd, "?password=hun%22ter%5c2%2fx%20y", "?password=<secret>"},
        {"hunter2", "Basic aHVudGVyMg==", "Basic <secret>g=="},
        {"hunter22", "aHVudGVyMjI=", "<secret>I="}, // of whose bits the secret has but some
        // in spellings that only a reader of JSON sees
        {"hunter2", R"({"a":["\u0068unter2"],"n":1})", R"({"a":["<secret>"],"n":1})"},
        {"hunter2", R"({"a":{"b":"x \u0068\u0075\u006e\u0074\u0065\u0072\u0032"}})",
         R"({"a":{"b":"x <secret>"}})"},
        {"hunter/2", R"({"a":"hunter\/2"})", R"({"a":"<secret>"})"},
        {"hunter\xF0\x9F\x94\x91", R"({"a":"hunter\ud83d\udd11"})", R"({"a":"<secret>"})"},
        {"hunter2", R"(no JSON \u0068unter2)", "<secret>"},
        {"hunter2", R"({"a":"\u4e2d\n\ud83d"})", R"({"a":"\u4e2d\n\ud83d"})"},
        {"hunter2", R"(\)", R"(\)"},
        {"hunter2", R"(\u12)", R"(\u12)"},
        {"", "as it is", "as it is"},
    };
    for (const row& r : table) {
        std::string body = r.body;
        of({r.secret}).apply_to_body(body);
        EXPECT_EQ(body, r.masked) << r.body;
    }
}

TEST(SecretMask, AShortOneIsLeft) {
    std::string text = "a word, and another words";
    of({"word", "other"}).apply(text);
    EXPECT_EQ(text, "a word, and another words");
    of({"another"}).apply(text);
    EXPECT_EQ(text, "a word, and <secret> words");
}

TEST(SecretMask, TheLongerOfTwoWins) {
    std::string text = "secret-key, secret-key-2";
    of({"secret-key", "secret-key-2"}).apply(text);
    EXPECT_EQ(text, "<secret>, <secret>");
}

TEST(SecretMask, ManyInALargeTextCostNoMoreThanTheirLength) {
    std::string text;
    for (int i = 0; i < 100'000; ++i)
        text += "hunter2 ";
    of({"hunter2"}).apply(text);
    EXPECT_EQ(text.size(), 100'000U * 9U);
}

TEST(SecretMask, BeforeAnAnswerIsReadAndCutShort) {
    http::http_response answer{401,
                               {{"X-Request-Id", "id hunter2"}, {"Location", "/?t=hunter2"}},
                               std::string(196, 'x') + "hunter2"};
    of({"hunter2"}).apply(answer);
    const auto why = failure_of(answer);
    ASSERT_TRUE(why);
    EXPECT_EQ(why->request_id, "id <secret>");
    EXPECT_EQ(why->error_msg, std::string(196, 'x') + "<sec");
    EXPECT_EQ(answer.headers[1].second, "/?t=<secret>");
}

TEST(SecretMask, InAListTheValuesAreKeptThatAreNone) {
    std::string body =
        R"({"total_count":2,"replications":[{"task_name":"a","percentage":42.123456789012345},)"
        R"({"task_name":"\u0068unter2","stage":"hunter2"}]})";
    of({"hunter2"}).apply_to_body(body);
    const auto read = decode_page(body);
    ASSERT_TRUE(read);
    ASSERT_EQ(read->tasks.size(), 2U);
    EXPECT_EQ(read->tasks[0].percentage, 42.123456789012345);
    EXPECT_EQ(read->tasks[1].name, "<secret>");
    EXPECT_EQ(read->tasks[1].stage_raw, "<secret>");
}

TEST(SecretMask, InAFailure) {
    failure f;
    f.error_code = "hunter2";
    f.error_msg = "at hunter2";
    f.request_id = "hunter2!";
    of({"hunter2"}).apply(f);
    EXPECT_EQ(f.error_code + f.error_msg + f.request_id, "<secret>at <secret><secret>!");
}

TEST(SecretMask, Cleared) {
    auto mask = of({"hunter2"});
    EXPECT_TRUE(mask.finds_in("a hunter2"));
    mask.clear();
    EXPECT_FALSE(mask.finds_in("a hunter2"));
}

} // namespace
} // namespace replmond::cloud
