#include "daemon/core/schedule/retry.hpp"

#include <gtest/gtest.h>

namespace replmond::schedule {
namespace {

using std::chrono_literals::operator""min;
using std::chrono_literals::operator""s;
using std::chrono_literals::operator""ms;

failure of(poll_result kind, int status = 0, std::optional<milliseconds> retry_after = std::nullopt) {
    failure f;
    f.result = kind;
    f.http_status = status;
    f.retry_after = retry_after;
    return f;
}

failed_attempt first() {
    failed_attempt at;
    at.now = 100s;
    at.next_tick = 160s;
    return at;
}

TEST(Retry, OnlyWhatTimeMayCure) {
    for (const auto& why :
         {of(poll_result::network), of(poll_result::timeout), of(poll_result::http, 500),
          of(poll_result::http, 502), of(poll_result::http, 503), of(poll_result::http, 504)})
        EXPECT_TRUE(after_failure(why, first(), 0.5).again) << to_string(why.result) << why.http_status;
    for (const auto& why :
         {of(poll_result::auth, 401), of(poll_result::tls), of(poll_result::protocol, 200),
          of(poll_result::http, 400), of(poll_result::http, 403), of(poll_result::http, 404),
          of(poll_result::http, 302), of(poll_result::http, 501), of(poll_result::http, 505),
          of(poll_result::throttled, 429), of(poll_result::inconsistent)})
        EXPECT_FALSE(after_failure(why, first(), 0.5).again) << to_string(why.result) << why.http_status;
}

TEST(Retry, BacksOffByARandomPartOfADoublingTime) {
    const failure why = of(poll_result::network);
    auto at = first();
    EXPECT_EQ(after_failure(why, at, 0).again, 100s);
    EXPECT_EQ(after_failure(why, at, 0.5).again, 100s + 250ms);
    EXPECT_EQ(after_failure(why, at, 0.999).again, 100s + 499ms);
    at.attempts = 2;
    EXPECT_EQ(after_failure(why, at, 0.5).again, 100s + 500ms);
    at.attempts = 3;
    EXPECT_EQ(after_failure(why, at, 0.5).again, std::nullopt);
    at.attempts = 0; // nothing of it went out
    EXPECT_EQ(after_failure(why, at, 0.5).again, 100s + 250ms);
}

TEST(Retry, OneAttemptATickAfterAFailedPoll) {
    auto at = first();
    at.instance_failing = true;
    EXPECT_FALSE(after_failure(of(poll_result::network), at, 0.5).again);
    EXPECT_FALSE(after_failure(of(poll_result::throttled, 429, 2s), at, 0.5).again);
}

TEST(Retry, WithinItsShare) {
    auto at = first();
    at.within_share = false;
    EXPECT_FALSE(after_failure(of(poll_result::network), at, 0.5).again);
}

TEST(Retry, StartsBeforeTheNextTick) {
    auto at = first();
    at.next_tick = 100s + 250ms;
    EXPECT_FALSE(after_failure(of(poll_result::network), at, 0.5).again);
    EXPECT_TRUE(after_failure(of(poll_result::network), at, 0.4).again);
    at.next_tick = 99s; // the poll overran it
    EXPECT_FALSE(after_failure(of(poll_result::network), at, 0).again);
}

TEST(Retry, A429PausesForItsRetryAfter) {
    const auto decision = after_failure(of(poll_result::throttled, 429, 20s), first(), 0.5);
    EXPECT_EQ(decision.again, 120s);
    EXPECT_EQ(decision.pause_until, 120s);
}

TEST(Retry, A429WhosePausePassesTheNextTickEndsThePoll) {
    const auto decision = after_failure(of(poll_result::throttled, 429, 60s), first(), 0.5);
    EXPECT_EQ(decision.again, std::nullopt);
    EXPECT_EQ(decision.pause_until, 160s);
}

TEST(Retry, RetryAfterIsTakenAsOneSecondToFiveMinutes) {
    EXPECT_EQ(after_failure(of(poll_result::throttled, 429, 0s), first(), 0.5).pause_until, 101s);
    EXPECT_EQ(after_failure(of(poll_result::throttled, 429, 60min), first(), 0.5).pause_until, 400s);
}

TEST(Retry, RetryAfterOfOtherAnswersMeansNothing) {
    const auto decision = after_failure(of(poll_result::http, 503, 30s), first(), 0.5);
    EXPECT_EQ(decision.again, 100s + 250ms);
    EXPECT_EQ(decision.pause_until, std::nullopt);
}

} // namespace
} // namespace replmond::schedule
