#include "daemon/cloud/answer.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace replmond::cloud {
namespace {

net::http_response answer_with(int status) {
    net::http_response answer;
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
    net::http_response answer = answer_with(400);
    answer.headers = {{"content-type", "application/json"}, {"x-request-id", "from-header"}};
    answer.body =
        R"({"error_code": "DBS.200022", "error_msg": "Instance not found.", "request_id": "from-body"})";
    const failure expected{poll_result::http, 400, "DBS.200022", "Instance not found.", "from-header"};
    EXPECT_EQ(failure_of(answer), expected);
}

TEST(Answer, FindsTheRequestId) {
    struct row {
        const char* where;
        net::header_list headers;
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
        net::http_response answer = answer_with(500);
        answer.headers = r.headers;
        answer.body = r.body;
        EXPECT_EQ(failure_of(answer).value().request_id, r.id);
    }
}

TEST(Headers, AreFoundWithoutRegardToCase) {
    const net::header_list headers{{"Retry-After", "3"}, {"retry-after", "4"}, {"Date", "d"}};
    EXPECT_EQ(net::find_header(headers, "RETRY-AFTER"), "3"); // the first
    EXPECT_EQ(net::find_header(headers, "date"), "d");
    EXPECT_EQ(net::find_header(headers, "Dat"), "");
    EXPECT_EQ(net::find_header({}, "Date"), "");
}

} // namespace
} // namespace replmond::cloud
