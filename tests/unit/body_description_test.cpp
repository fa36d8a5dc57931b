#include "daemon/cloud/answer.hpp"
#include "daemon/cloud/body_description.hpp"
#include "daemon/model/text.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace replmond::cloud {
namespace {

net::http_response answer(std::string body, net::header_list headers = {}, int status = 200) {
    net::http_response a;
    a.status = status;
    a.body = std::move(body);
    a.headers = std::move(headers);
    return a;
}

TEST(BodyDescription, TellsWhatIsNoListApart) {
    const std::pair<std::string, std::string> html{"Content-Type", "text/html; charset=utf-8"};
    const std::pair<std::string, std::string> json{"Content-Type", "application/json"};
    const std::vector<std::pair<net::http_response, std::string>> table{
        {answer(""), "it is empty"},
        {answer("", {html}), "it is empty"},
        {answer("\x1F\x8B\b", {json}), "it is packed (gzip), which was not asked for"},
        {answer("x", {{"Content-Encoding", "Br"}}), "it is packed (br), which was not asked for"},
        {answer("x", {json, {"content-encoding", "identity"}}),
         R"(it is application/json and begins with "x")"},
        {answer("\xEF\xBB\xBF{}", {json}), "it begins with a byte order mark (UTF-8)"},
        {answer(std::string("\xFF\xFE{\0", 4)), "it begins with a byte order mark (UTF-16, little-endian)"},
        {answer(std::string("\xFE\xFF\0{", 4)), "it begins with a byte order mark (UTF-16, big-endian)"},
        {answer("{\"a\": \"\xFF\"}", {json}), "it is application/json; from byte 7 on it is no UTF-8"},
        {answer("\r\n<html>\n  <title>Sign in</title>\n", {html}),
         R"(it is text/html; charset=utf-8 and begins with "<html> <title>Sign in</title>": a page, such as a proxy or a sign-in has)"},
        {answer("upstream connect error"),
         R"(it has no Content-Type and begins with "upstream connect error")"},
    };
    for (const auto& [given, expected] : table)
        EXPECT_EQ(describe_body(given), expected);
}

TEST(BodyDescription, IsShortAndWhole) {
    std::string long_one;
    for (int i = 0; i < 10'000; ++i)
        long_one += "单";
    const std::string text = describe_body(answer(long_one, {{"Content-Type", long_one}}));
    EXPECT_LT(text.size(), 300u);
    EXPECT_TRUE(is_valid_utf8(text));
}

TEST(BodyDescription, OfAFailureThatNobodyCouldRead) {
    EXPECT_EQ(failure_of(answer("\x1F\x8B\b", {}, 502))->error_msg,
              "the answer says no more: it is packed (gzip), which was not asked for");
    EXPECT_EQ(failure_of(answer("busy", {}, 503))->error_msg, "busy");
    EXPECT_EQ(failure_of(answer("", {}, 503))->error_msg, "");
}

TEST(BodyDescription, ARedirectSaysWhereItLeads) {
    const auto message = [](int status, const char* location) {
        return failure_of(answer("<html>moved</html>", {{"Location", location}}, status))->error_msg;
    };
    EXPECT_EQ(
        message(302, "https://auth.example/login?back=secret#top"),
        "the answer redirects to https://auth.example/login, which is not followed: is the endpoint right?");
    EXPECT_EQ(message(308, "/elsewhere"),
              "the answer redirects to /elsewhere, which is not followed: is the endpoint right?");
    EXPECT_EQ(message(302, " "), "<html>moved</html>");
    EXPECT_EQ(message(404, "/elsewhere"), "<html>moved</html>");
}

} // namespace
} // namespace replmond::cloud
