#include "daemon/cloud/token_answer.hpp"

#include <gtest/gtest.h>

namespace replmond::cloud {
namespace {

net::http_response answer(int status, std::string body,
                          net::header_list headers = {{"X-Subject-Token", "MII"}}) {
    return {status, std::move(headers), std::move(body)};
}

TEST(TokenAnswer, ReadsTokenExpiryAndProject) {
    const auto read = decode_token_answer(
        answer(201, R"({"token": {"expires_at": "2020-01-04T09:05:22.701000Z", "methods": ["password"],
            "project": {"id": "p1", "name": "cn-north-4", "domain": {"id": "d"}}}})",
               {{"x-subject-token", "MIIabc"}}));
    ASSERT_TRUE(read);
    EXPECT_EQ(read->token, "MIIabc");
    ASSERT_TRUE(read->expires_at);
    EXPECT_EQ(to_rfc3339(*read->expires_at), "2020-01-04T09:05:22.701Z");
    EXPECT_EQ(read->project_id, "p1");
}

TEST(TokenAnswer, LeavesEmptyWhatIsNotThere) {
    for (const char* body : {"", "null", "[]", "{}", R"({"token": null})", R"({"token": {"expires_at": 7}})",
                             R"({"token": {"expires_at": "soon", "project": []}})"}) {
        const auto read = decode_token_answer(answer(201, body));
        ASSERT_TRUE(read) << body;
        EXPECT_FALSE(read->expires_at) << body;
        EXPECT_FALSE(read->project_id) << body;
    }
}

TEST(TokenAnswer, Failures) {
    EXPECT_EQ(
        decode_token_answer(answer(401, R"({"error": {"code": 401, "message": "wrong"}})")).error().result,
        poll_result::auth);
    EXPECT_EQ(decode_token_answer(answer(401, R"({"error": {"code": 401, "message": "wrong"}})"))
                  .error()
                  .error_code,
              "401");
    EXPECT_EQ(decode_token_answer(answer(503, "")).error().result, poll_result::http);
    EXPECT_EQ(decode_token_answer(answer(200, "{}")).error().result, poll_result::protocol);
    EXPECT_EQ(decode_token_answer(answer(201, "{}", {{"X-IAM-Trace-Id", "t"}})).error().request_id, "t");
}

TEST(Rfc3339, ReadsWhatTheCloudWrites) {
    struct row {
        const char* text;
        const char* read; ///< empty: refused
    };
    const std::vector<row> table{
        {"2020-01-04T09:05:22.701000Z", "2020-01-04T09:05:22.701Z"},
        {"2020-01-04T09:05:22Z", "2020-01-04T09:05:22.000Z"},
        {"2020-01-04T09:05:22.7Z", "2020-01-04T09:05:22.700Z"},
        {"2020-01-04T09:05:22.123456789Z", "2020-01-04T09:05:22.123Z"},
        {"2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000Z"},
        {"2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000Z"},
        {"2023-02-29T00:00:00Z", ""},
        {"2020-13-01T00:00:00Z", ""},
        {"2020-01-04T24:00:00Z", ""},
        {"2020-01-04T09:05:22.Z", ""},
        {"2020-01-04T09:05:22.1234567890Z", ""},
        {"2020-01-04T09:05:22", ""},
        {"2020-01-04T09:05:22+00:00", "2020-01-04T09:05:22.000Z"},
        {"2020-01-04T17:05:22.701000+08:00", "2020-01-04T09:05:22.701Z"},
        {"2020-01-04 09:05:22Z", ""},
        {"2020-1-4T09:05:22Z", ""},
        {"2020-01-04T09:05:22Z ", ""},
        {"", ""},
    };
    for (const row& r : table) {
        const auto read = parse_rfc3339(r.text);
        EXPECT_EQ(read ? to_rfc3339(*read) : "", r.read) << r.text;
    }
}

} // namespace
} // namespace replmond::cloud
