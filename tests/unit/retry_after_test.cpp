#include "daemon/cloud/answer.hpp"
#include "daemon/cloud/retry_after.hpp"

#include <gtest/gtest.h>

namespace replmond::cloud {
namespace {

using std::chrono_literals::operator""h;
using std::chrono_literals::operator""s;
using std::chrono_literals::operator""ms;

const timestamp now = *parse_rfc3339("2026-11-22T05:00:00Z");

TEST(RetryAfter, Seconds) {
    EXPECT_EQ(parse_retry_after("0", now), 0ms);
    EXPECT_EQ(parse_retry_after("1", now), 1s);
    EXPECT_EQ(parse_retry_after(" 120\t", now), 120s);
    EXPECT_EQ(parse_retry_after("86401", now), 24h);
    EXPECT_EQ(parse_retry_after("99999999999999999999999999", now), 24h);
}

TEST(RetryAfter, ADate) {
    EXPECT_EQ(parse_retry_after("Sun, 22 Nov 2026 05:01:00 GMT", now), 60s);
    EXPECT_EQ(parse_retry_after("Sun, 22 Nov 2026 04:00:00 GMT", now), 0ms);
    EXPECT_EQ(parse_retry_after("Wed, 22 Nov 2028 04:00:00 GMT", now), 24h);
    EXPECT_EQ(parse_retry_after("Sun, 22 Nov 2026 05:01:00 GMT", std::nullopt), std::nullopt);
}

TEST(RetryAfter, AnythingElse) {
    for (const char* bad : {"", " ", "soon", "-1", "1.5", "1s", "0x10", "1 2", "22 Nov 2026 05:01:00"})
        EXPECT_EQ(parse_retry_after(bad, now), std::nullopt) << bad;
}

TEST(RetryAfter, OfAnAnswerIsComparedWithTheSendersClock) {
    net::http_response answer;
    answer.status = 429;
    answer.headers.emplace_back("Date", "Sun, 22 Nov 2026 07:00:00 GMT"); // two hours ahead of ours
    answer.headers.emplace_back("retry-after", "Sun, 22 Nov 2026 07:00:30 GMT");
    EXPECT_EQ(failure_of(answer, now)->retry_after, 30s);
    answer.headers.erase(answer.headers.begin());
    EXPECT_EQ(failure_of(answer, now)->retry_after, 2h + 30s);
}

} // namespace
} // namespace replmond::cloud
