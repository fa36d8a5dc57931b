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
        // percent-encoded, with small letters in the escapes alone
        {"hunterA:B/\xC3\xA9", "?p=hunterA%3aB%2f%c3%a9", "?p=<secret>"},
        {"hunterA:B/\xC3\xA9", "?p=hunterA%3AB%2F%C3%A9", "?p=<secret>"},
        // escapes at the ends of a text, and of each length in UTF-8
        {"hunter2", R"(\u0068unter2)", "<secret>"},
        {"hunter2", R"(x \u0068unter\u0032)", "<secret>"},
        {"hunter2", R"(x hunter\2)", "<secret>"},
        {R"(hunter\)", R"(\u0068unter\)", "<secret>"},
        {"hunter2", R"(["\u0068unter2"])", R"(["<secret>"])"},
        {"hunter\xC2\x80\xE0\xA0\x80\xF0\x90\x80\x80"
         "2",
         R"(["hunter\u0080\u0800\ud800\udc00\u0032"])", R"(["<secret>"])"},
        {"hunter\x7F\xDF\xBF\xEF\xBF\xBF", R"(["\u0068unter\u007f\u07ff\uffff"])", R"(["<secret>"])"},
        {"hunter\xC3\xA9\xE4\xB8\xAD", R"(["hunter\u00e9\u4e2d"])", R"(["<secret>"])"},
        {"hunter\xEF\xBC\xA1"
         "2222222",
         R"(["hunter\uff212222222"])", R"(["<secret>"])"},
        {"hunter\nbeef", R"(["\u0068unter\nbeef"])", R"(["<secret>"])"},
        // beside half of a pair
        {"hunter2", R"(["\ud83d\u0068unter2"])", "[\"\xEF\xBF\xBD<secret>\"]"},
        {"\xEE\x80\x80hunter2", R"(["\ud83d\ue000hunter2"])", "[\"\xEF\xBF\xBD<secret>\"]"},
        {"hunter\xF0\x9F\x98\x80", R"(["hunter\ud83dxude00"])", R"(["hunter\ud83dxude00"])"},
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
    std::string bounds = "hunte hunter";
    of({"hunte", "hunter"}).apply(bounds);
    EXPECT_EQ(bounds, "hunte <secret>");
}

TEST(SecretMask, TheLongerOfTwoWins) {
    std::string text = "secret-key, secret-key-2";
    of({"secret-key", "secret-key-2"}).apply(text);
    EXPECT_EQ(text, "<secret>, <secret>");
    std::string equally_long = "hunter2ab";
    of({"hunter2a", "unter2ab"}).apply(equally_long);
    EXPECT_EQ(equally_long, "<secret>b") << "the one added first";
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

TEST(SecretMask, Assigned) {
    auto mask = of({"another"});
    mask = of({"hunter2"});
    EXPECT_TRUE(mask.finds_in("hunter2"));
    EXPECT_FALSE(mask.finds_in("another"));
    const secret_mask& itself = mask;
    mask = itself;
    EXPECT_TRUE(mask.finds_in("hunter2"));
}

TEST(SecretMask, Cleared) {
    auto mask = of({"hunter2"});
    EXPECT_TRUE(mask.finds_in("a hunter2"));
    mask.clear();
    EXPECT_FALSE(mask.finds_in("a hunter2"));
}

} // namespace
} // namespace replmond::cloud
