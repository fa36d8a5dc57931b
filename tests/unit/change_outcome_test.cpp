#include "daemon/cloud/change_outcome.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace replmond::cloud {
namespace {

using kind = change_outcome::kind;

change_outcome answered(int status, std::string body) {
    net::http_response answer;
    answer.status = status;
    answer.headers.emplace_back("X-Request-Id", "r1");
    answer.body = std::move(body);
    return outcome_of(answer);
}

std::string error(const std::string& code) {
    return R"({"error_code":")" + code + R"(","error_msg":"no"})";
}

TEST(ChangeOutcome, AcceptedIsWhatTheStatusSays) {
    struct row {
        int status;
        const char* body;
        std::optional<std::string> job;
    };
    const std::vector<row> table{{200, R"({"job_id":"j-1"})", "j-1"},
                                 {202, R"({"job_id":"j-1"})", "j-1"},
                                 {200, "", std::nullopt},
                                 {200, "<html>", std::nullopt},
                                 {200, "[]", std::nullopt},
                                 {204, "", std::nullopt},
                                 {200, R"({"job_id":""})", std::nullopt},
                                 {200, R"({"job_id":7})", std::nullopt}};
    for (const row& r : table) {
        const auto outcome = answered(r.status, r.body);
        EXPECT_TRUE(outcome.accepted()) << r.body;
        EXPECT_EQ(outcome.job_id, r.job) << r.body;
    }
}

// What may have been done is told apart from what was not: only the latter may be sent again.
TEST(ChangeOutcome, KnowsWhetherItMayHaveBeenDone) {
    for (const int status : {301, 400, 401, 403, 404, 409, 429})
        EXPECT_EQ(answered(status, "").how, kind::refused) << status;
    for (const int status : {500, 502, 503, 504})
        EXPECT_EQ(answered(status, "").how, kind::unknown) << status;
    EXPECT_EQ(outcome_without_answer(failure(), true).how, kind::unknown);
    EXPECT_EQ(outcome_without_answer(failure(), false).how, kind::not_sent);
}

TEST(ChangeOutcome, BusyIsA409OfAKnownCode) {
    for (const char* code :
         {"DBS.200019", "DBS.201014", "DBS.201015", "DBS.200047", "DBS.05000084", "DBS.212033"}) {
        EXPECT_TRUE(answered(409, error(code)).busy()) << code;
        EXPECT_FALSE(answered(400, error(code)).busy()) << code;
        EXPECT_FALSE(answered(503, error(code)).busy()) << code;
    }
    EXPECT_FALSE(answered(409, error("DBS.200022")).busy());
    EXPECT_FALSE(answered(409, "").busy());
}

TEST(ChangeOutcome, KnowsWhatIsSaidOfTheTask) {
    EXPECT_TRUE(answered(400, error("DBS.270022")).no_such_task());
    EXPECT_TRUE(answered(400, error("DBS.05000091")).no_such_task());
    EXPECT_FALSE(answered(404, error("DBS.201028")).no_such_task());
    EXPECT_TRUE(answered(400, error("DBS.200086")).wrong_state());
    const auto refused = answered(400, error("DBS.280001"));
    EXPECT_FALSE(refused.no_such_task());
    EXPECT_FALSE(refused.wrong_state());
    EXPECT_EQ(refused.why.http_status, 400);
    EXPECT_EQ(refused.why.error_code, "DBS.280001");
    EXPECT_EQ(refused.why.request_id, "r1");
}

} // namespace
} // namespace replmond::cloud
