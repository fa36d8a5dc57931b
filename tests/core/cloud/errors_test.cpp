#include "daemon/core/cloud/errors.hpp"
#include "daemon/core/model/text.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace replmond::cloud {

namespace {

TEST(ErrorBody, ReadsEveryVariant) {
    struct row {
        const char* variant;
        std::string body;
        std::string code;
        std::string message;
        std::string request_id = {};
    };
    const std::vector<row> table{
        {"a service", R"({"error_code": "DBS.200022", "error_msg": "Instance not found."})", "DBS.200022",
         "Instance not found."},
        {"the gateway, with its request id",
         R"({"error_code": "APIG.0308", "error_msg": "policy user over ratelimit,limit:200,time:5 minute",
             "request_id": "7b1c"})",
         "APIG.0308", "policy user over ratelimit,limit:200,time:5 minute", "7b1c"},
        {"camel case", R"({"errorCode": "X.1", "errorMsg": "m"})", "X.1", "m"},
        {"code and message", R"({"code": "X.2", "message": "m"})", "X.2", "m"},
        {"IAM with a number",
         R"({"error": {"code": 401, "message": "wrong password", "title": "Unauthorized"}})", "401",
         "wrong password"},
        {"IAM with a string", R"({"error": {"code": "IAM.0066", "message": "expired"}})", "IAM.0066",
         "expired"},
        {"nested error_code", R"({"fault": {"error_code": "X.3", "error_msg": "m"}})", "X.3", "m"},
        {"details", R"({"details": [{"code": "X.4", "message": "m"}, {"code": "X.5", "message": "n"}]})",
         "X.4", "m"},
        {"details of the services", R"({"details": [{"error_code": "X.9", "error_msg": "m"}]})", "X.9", "m"},
        {"the top beats its details",
         R"({"details": [{"code": "X.5"}], "error_code": "top", "error_msg": "t"})", "top", "t"},
        {"error_code and error_message", R"({"error_code": "X.10", "error_message": "m"})", "X.10", "m"},
        {"error_msg and error_message", R"({"error_msg": "m", "error_message": "n"})", "", "m"},
        {"error_message of another pair", R"({"code": "X.12", "error_message": "m"})", "", "m"},
        {"no names", R"({"": "x"})", "", ""},
        {"the gateway, with more beside it",
         R"({"error_msg": "no", "encoded_authorization_message": "aGk=", "error_code": "APIGW.0302"})",
         "APIGW.0302", "no"},
        {"a number at the top", R"({"code": 400, "message": "m"})", "400", "m"},
        {"the request id beside a nested pair", R"({"request_id": "r", "error": {"code": "X.11"}})", "X.11",
         "", "r"},
        {"the top beats what is nested before it",
         R"({"error": {"code": "nested", "message": "nested"}, "error_code": "top", "error_msg": "t"})",
         "top", "t"},
        {"a nested pair after other objects",
         R"({"meta": {"a": 1}, "list": [1, {}], "error": {"code": "X.6"}})", "X.6", ""},
        {"only a code", R"({"error_code": "X.7"})", "X.7", ""},
        {"only a text", R"({"error_msg": "m"})", "", "m"},
        {"nulls are nothing", R"({"error_code": null, "error_msg": null, "code": "X.8", "message": "m"})",
         "X.8", "m"},
        {"an object without any", R"({"foo": "bar"})", "", ""},
        {"an empty object", "{}", "", ""},
        {"plain text", "Service Unavailable", "", "Service Unavailable"},
        {"HTML", "<html>502</html>", "", "<html>502</html>"},
        {"JSON text", R"("busy")", "", R"("busy")"},
        {"cut JSON", R"({"error_code": "X)", "", R"({"error_code": "X)"},
        {"nothing", "", "", ""},
    };
    for (const row& r : table) {
        SCOPED_TRACE(r.variant);
        const error_body read = decode_error_body(r.body);
        EXPECT_EQ(read.code, r.code);
        EXPECT_EQ(read.message, r.message);
        EXPECT_EQ(read.request_id, r.request_id);
    }
}

TEST(ErrorBody, KeepsTheFirst200BytesOfOtherText) {
    EXPECT_EQ(decode_error_body(std::string(200, 'x')).message, std::string(200, 'x'));
    EXPECT_EQ(decode_error_body(std::string(9000, 'x')).message, std::string(200, 'x'));

    // cut between characters
    EXPECT_EQ(decode_error_body(std::string(199, 'x') + "任务").message, std::string(199, 'x'));
    EXPECT_EQ(decode_error_body(std::string(197, 'x') + "任务").message, std::string(197, 'x') + "任");
}

TEST(ErrorBody, KeepsTheTextOfALatin1Page) {
    const std::string page = "Acc\xE8s refus\xE9 " + std::string(400, '.');
    EXPECT_EQ(decode_error_body(page).message, page.substr(0, 200));
}

TEST(ErrorBody, CutsLongFieldsBetweenCharacters) {
    const std::string body = R"({"error_code": ")" + std::string(999, 'c') + R"(", "error_msg": ")" +
                             std::string(1023, 'm') + "任务" + R"(", "request_id": ")" +
                             std::string(999, 'r') + "\"}";
    const error_body read = decode_error_body(body);
    EXPECT_EQ(read.code, std::string(200, 'c'));
    EXPECT_EQ(read.message, std::string(1023, 'm'));
    EXPECT_EQ(read.request_id, std::string(200, 'r'));

    const auto message_of_length = [](std::size_t length) {
        return decode_error_body(R"({"error_msg": ")" + std::string(length, 'm') + "\"}").message;
    };
    EXPECT_EQ(message_of_length(1024), std::string(1024, 'm'));
    EXPECT_EQ(message_of_length(1025), std::string(1024, 'm'));
}

http::http_response answer(std::string body, http::header_list headers = {}, int status = 200) {
    http::http_response a;
    a.status = status;
    a.body = std::move(body);
    a.headers = std::move(headers);
    return a;
}

TEST(BodyDescription, TellsWhatIsNoListApart) {
    const std::pair<std::string, std::string> html{"Content-Type", "text/html; charset=utf-8"};
    const std::pair<std::string, std::string> json{"Content-Type", "application/json"};
    const std::vector<std::pair<http::http_response, std::string>> table{
        {answer(""), "it is empty"},
        {answer("", {html}), "it is empty"},
        {answer("\x1F\x8B\b", {json}), "it is compressed (gzip), which replmond did not ask for"},
        {answer("x", {{"Content-Encoding", "Br"}}), "it is compressed (br), which replmond did not ask for"},
        {answer("x", {json, {"content-encoding", "identity"}}),
         R"(it is application/json and begins with "x")"},
        {answer("\xEF\xBB\xBF{}", {json}), "it begins with a byte order mark (UTF-8)"},
        {answer(std::string("\xFF\xFE{\0", 4)), "it begins with a byte order mark (UTF-16, little-endian)"},
        {answer(std::string("\xFE\xFF\0{", 4)), "it begins with a byte order mark (UTF-16, big-endian)"},
        {answer("{\"a\": \"\xFF\"}", {json}), "it is application/json; from byte 7 on it is not UTF-8"},
        {answer("\r\n<html>\n  <title>Sign in</title>\n", {html}),
         R"(it is text/html; charset=utf-8 and begins with "<html> <title>Sign in</title>": that is a page, as proxies and sign-ins send)"},
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

TEST(BodyDescription, ShowsTheFirst80Bytes) {
    const auto shown = [](const std::string& body) { return describe_body(answer(body)); };
    const std::string before = "it has no Content-Type and begins with \"";
    EXPECT_EQ(shown(std::string(80, 'x')), before + std::string(80, 'x') + '"');
    EXPECT_EQ(shown(std::string(81, 'x')), before + std::string(80, 'x') + '"');
    // Blanks become one, but not more than 320 bytes are looked at.
    EXPECT_EQ(shown("a" + std::string(318, ' ') + "b"), before + "a b\"");
    EXPECT_EQ(shown("a" + std::string(319, ' ') + "b"), before + "a\"");
    EXPECT_EQ(shown("\x01\x02xy"), before + "xy\"");
}

TEST(BodyDescription, ShowsTheFirst100BytesOfAType) {
    const auto shown = [](std::size_t length) {
        return describe_body(answer("x", {{"Content-Type", std::string(length, 't')}}));
    };
    EXPECT_EQ(shown(100), "it is " + std::string(100, 't') + " and begins with \"x\"");
    EXPECT_EQ(shown(101), shown(100));
}

TEST(BodyDescription, KnowsWhatCannotBeShown) {
    EXPECT_FALSE(is_unreadable_body(answer("busy")));
    EXPECT_FALSE(is_unreadable_body(answer("busy", {{"Content-Encoding", "identity"}})));
    EXPECT_TRUE(is_unreadable_body(answer("x", {{"Content-Encoding", "br"}})));
    EXPECT_TRUE(is_unreadable_body(answer("\x28\xB5\x2F\xFD")));
    EXPECT_TRUE(is_unreadable_body(answer("\xEF\xBB\xBF{}")));
    EXPECT_TRUE(is_unreadable_body(answer("caf\xE9")));
}

TEST(BodyDescription, OfAFailureThatNobodyCouldRead) {
    EXPECT_EQ(failure_of(answer("", {{"Content-Encoding", "gzip"}}, 503))->error_msg, "");
    EXPECT_EQ(failure_of(answer("\x1F\x8B\b", {}, 502))->error_msg,
              "the answer's body cannot be shown: it is compressed (gzip), which replmond did not ask for");
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

TEST(BodyDescription, OnlyA3xxRedirects) {
    const auto target = [](int status, const std::string& location) {
        return redirect_target(answer("", {{"Location", location}}, status));
    };
    EXPECT_EQ(target(299, "/a"), "");
    EXPECT_EQ(target(300, "/a"), "/a");
    EXPECT_EQ(target(399, "/a"), "/a");
    EXPECT_EQ(target(400, "/a"), "");
    EXPECT_EQ(target(302, std::string(200, 'a')), std::string(200, 'a'));
    EXPECT_EQ(target(302, std::string(201, 'a')), std::string(200, 'a'));
}

using std::chrono_literals::operator""h;
using std::chrono_literals::operator""s;
using std::chrono_literals::operator""ms;

const timestamp asked_at = *parse_rfc3339("2026-11-22T05:00:00Z");

TEST(RetryAfter, Seconds) {
    EXPECT_EQ(parse_retry_after("0", asked_at), 0ms);
    EXPECT_EQ(parse_retry_after("1", asked_at), 1s);
    EXPECT_EQ(parse_retry_after(" 120\t", asked_at), 120s);
    EXPECT_EQ(parse_retry_after("86401", asked_at), 24h);
    EXPECT_EQ(parse_retry_after("99999999999999999999999999", asked_at), 24h);
}

TEST(RetryAfter, ADate) {
    EXPECT_EQ(parse_retry_after("Sun, 22 Nov 2026 05:01:00 GMT", asked_at), 60s);
    EXPECT_EQ(parse_retry_after("Sun, 22 Nov 2026 04:00:00 GMT", asked_at), 0ms);
    EXPECT_EQ(parse_retry_after("Wed, 22 Nov 2028 04:00:00 GMT", asked_at), 24h);
    EXPECT_EQ(parse_retry_after("Sun, 22 Nov 2026 05:01:00 GMT", std::nullopt), std::nullopt);
}

TEST(RetryAfter, AnythingElse) {
    for (const char* bad : {"", " ", "soon", "-1", "1.5", "1s", "0x10", "1 2", "22 Nov 2026 05:01:00"})
        EXPECT_EQ(parse_retry_after(bad, asked_at), std::nullopt) << bad;
}

TEST(RetryAfter, OfAnAnswerIsComparedWithTheSendersClock) {
    http::http_response answer;
    answer.status = 429;
    answer.headers.emplace_back("Date", "Sun, 22 Nov 2026 07:00:00 GMT"); // two hours ahead of ours
    answer.headers.emplace_back("retry-after", "Sun, 22 Nov 2026 07:00:30 GMT");
    EXPECT_EQ(failure_of(answer, asked_at)->retry_after, 30s);
    answer.headers.erase(answer.headers.begin());
    EXPECT_EQ(failure_of(answer, asked_at)->retry_after, 2h + 30s);
}

http::http_response answer_with(int status) {
    http::http_response answer;
    answer.status = status;
    return answer;
}

TEST(Answer, OnlyA200IsNone) {
    EXPECT_EQ(failure_of(answer_with(200)), std::nullopt);
}

TEST(Answer, StatusesAndResults) {
    const std::vector<std::pair<int, poll_result>> table{
        {201, poll_result::http},      {204, poll_result::http}, {301, poll_result::http},
        {302, poll_result::http},      {307, poll_result::http}, {400, poll_result::http},
        {401, poll_result::auth},      {403, poll_result::http}, {404, poll_result::http},
        {407, poll_result::http},      {408, poll_result::http}, {413, poll_result::http},
        {429, poll_result::throttled}, {500, poll_result::http}, {502, poll_result::http},
        {503, poll_result::http},      {504, poll_result::http},
    };
    for (const auto& [status, result] : table) {
        const auto why = failure_of(answer_with(status));
        ASSERT_TRUE(why.has_value()) << status;
        EXPECT_EQ(why->result, result) << status;
        EXPECT_EQ(why->http_status, status);
    }
}

TEST(Answer, CarriesWhatTheCloudSaid) {
    http::http_response answer = answer_with(400);
    answer.headers = {{"content-type", "application/json"}, {"x-request-id", "from-header"}};
    answer.body =
        R"({"error_code": "DBS.200022", "error_msg": "Instance not found.", "request_id": "from-body"})";
    const failure expected{poll_result::http, 400, "DBS.200022", "Instance not found.", "from-header"};
    EXPECT_EQ(failure_of(answer), expected);
}

TEST(Answer, FindsTheRequestId) {
    struct row {
        const char* where;
        http::header_list headers;
        const char* body;
        const char* id;
    };
    const std::vector<row> table{
        {"the header", {{"X-Request-Id", "a"}}, "", "a"},
        {"the header in capitals", {{"X-REQUEST-ID", "a"}}, "", "a"},
        {"IAM's header", {{"X-IAM-Trace-Id", "b"}}, "", "b"},
        {"both headers", {{"X-IAM-Trace-Id", "b"}, {"X-Request-Id", "a"}}, "", "a"},
        {"the body", {}, R"({"request_id": "c"})", "c"},
        {"an empty header and the body", {{"X-Request-Id", ""}}, R"({"request_id": "c"})", "c"},
        {"both", {{"x-request-id", "a"}}, R"({"request_id": "c"})", "a"},
        {"the body beside an error", {}, R"({"error": {"code": 1}, "request_id": "c"})", "c"},
        {"a number in the body", {}, R"({"request_id": 12})", "12"},
        {"no JSON", {}, "request_id: c", ""},
        {"nowhere", {{"X-Request", "x"}}, "{}", ""},
    };
    for (const row& r : table) {
        SCOPED_TRACE(r.where);
        http::http_response answer = answer_with(500);
        answer.headers = r.headers;
        answer.body = r.body;
        EXPECT_EQ(failure_of(answer).value().request_id, r.id);
    }
}

TEST(Answer, CutsTheRequestIdAt200Bytes) {
    for (const std::size_t length : {200U, 201U}) {
        http::http_response answer = answer_with(500);
        answer.headers = {{"X-Request-Id", std::string(length, 'r')}};
        EXPECT_EQ(request_id_of(answer), std::string(200, 'r'));
    }
}

TEST(Headers, AreFoundWithoutRegardToCase) {
    const http::header_list headers{{"Retry-After", "3"}, {"retry-after", "4"}, {"Date", "d"}};
    EXPECT_EQ(http::find_header(headers, "RETRY-AFTER"), "3"); // the first
    EXPECT_EQ(http::find_header(headers, "date"), "d");
    EXPECT_EQ(http::find_header(headers, "Dat"), "");
    EXPECT_EQ(http::find_header({}, "Date"), "");
}

} // namespace

} // namespace replmond::cloud
