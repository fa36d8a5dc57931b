#include "daemon/core/tracking/reasons.hpp"
#include "daemon/core/tracking/tracker.hpp"
#include "daemon/core/web/log_line.hpp"
#include "tests/support/instants.hpp"
#include "tests/support/wire.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace replmond::tracking {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using std::chrono_literals::operator""h;
using std::chrono_literals::operator""min;

const timestamp first_seen{milliseconds(1'800'000'000'000)};
constexpr auto repeat = 1h;

const char* const well = R"("task_name": "t", "status": "Yes", "stage": "full", "is_need_repair": false)";
const char* const abnormal = R"("task_name": "t", "status": "No", "stage": "full", "is_need_repair": false)";
const char* const broken = R"("task_name": "t", "status": "Yes", "stage": "full", "is_need_repair": true)";

// One instance polled every minute; what is wanted is asked for in vain unless a test answers.
struct asked_instance {
    instance_state state;
    tracker tracking{repeat};

    asked_instance() {
        state.identity.project = "p";
        state.identity.name = "i";
        state.interval = 1min;
    }

    std::vector<event> poll(milliseconds at, const char* record) {
        return tracking.observe(state, test::make_reading({record}), test::by_both_clocks(first_seen + at));
    }

    // Polls, and asks for what is wanted. Empty: nothing was.
    std::vector<std::string> poll_and_ask(milliseconds at, const char* record) {
        poll(at, record);
        const auto wanted = reasons_wanted(state, repeat, first_seen + at);
        for (const std::string& name : wanted)
            reason_asked(state.tasks.at(name));
        return wanted;
    }

    std::string answer(milliseconds at, std::optional<std::string> text) {
        const auto line =
            reason_arrived(state.identity, state.tasks.at("t"), std::move(text), first_seen + at);
        return line ? web::to_logfmt(*line) : "";
    }
};

TEST(Reasons, NotAskedForWhileAllIsWell) {
    asked_instance w;
    EXPECT_THAT(w.poll_and_ask(0min, well), IsEmpty());
}

TEST(Reasons, AskedForAtThreePollsThenAtEachRepeatInterval) {
    asked_instance w;
    std::vector<int> asked_at;
    for (int minute = 0; minute < 125; ++minute) {
        if (!w.poll_and_ask(std::chrono::minutes(minute), abnormal).empty())
            asked_at.push_back(minute);
    }
    EXPECT_THAT(asked_at, ElementsAre(0, 1, 2, 60, 61, 62, 120, 121, 122));
}

TEST(Reasons, AnAnswerEndsTheRound) {
    asked_instance w;
    EXPECT_THAT(w.poll_and_ask(0min, abnormal), ElementsAre("t"));
    EXPECT_THAT(
        w.answer(0min, "binlog is gone"),
        HasSubstr(
            "level=ERROR msg=\"the cloud says why the synchronization is abnormal or needs repair\" "
            "event=replication_reason project=p starrocks_instance=i task=t reason=\"binlog is gone\""));
    EXPECT_THAT(w.poll_and_ask(1min, abnormal), IsEmpty());
    EXPECT_THAT(w.poll_and_ask(60min, abnormal), ElementsAre("t"));
}

TEST(Reasons, OnlyANewTextIsSaid) {
    asked_instance w;
    w.poll_and_ask(0min, abnormal);
    EXPECT_NE(w.answer(0min, "a"), "");
    EXPECT_EQ(w.answer(60min, "a"), "");
    EXPECT_EQ(w.answer(120min, std::nullopt), "") << "nothing there now: the last text stays known";
    EXPECT_NE(w.answer(180min, "b"), "");
}

TEST(Reasons, LaterAlertsCarryIt) {
    asked_instance w;
    auto first = w.poll(0min, abnormal);
    EXPECT_EQ(first.back().find("reason"), nullptr);
    reasons_wanted(w.state, repeat, first_seen);
    w.answer(0min, "a");
    const auto again = w.poll(60min, abnormal);
    ASSERT_EQ(again.size(), 1u);
    EXPECT_THAT(web::to_logfmt(again[0]), HasSubstr("event=replication_abnormal"));
    EXPECT_THAT(web::to_logfmt(again[0]), HasSubstr(" repeat=1 reason=a"));
}

TEST(Reasons, OfATaskThatNeedsRepair) {
    asked_instance w;
    EXPECT_THAT(w.poll_and_ask(0min, broken), ElementsAre("t"));
    EXPECT_THAT(w.answer(0min, "table x"), HasSubstr("event=replication_reason"));
    const auto done = w.poll(1min, well);
    ASSERT_EQ(done.size(), 1u);
    EXPECT_THAT(web::to_logfmt(done[0]), HasSubstr("event=repair_done"));
    EXPECT_THAT(web::to_logfmt(done[0]), HasSubstr("reason=\"table x\""));
}

TEST(Reasons, ForgottenWhenTheTaskIsWell) {
    asked_instance w;
    w.poll_and_ask(0min, abnormal);
    w.answer(0min, "a");
    EXPECT_THAT(w.poll_and_ask(1min, well), IsEmpty());
    EXPECT_THAT(w.poll_and_ask(2min, abnormal), ElementsAre("t")) << "a new fault, a new reason";
    EXPECT_NE(w.answer(2min, "a"), "");
}

const char* const both = R"("task_name": "t", "status": "No", "stage": "full", "is_need_repair": true)";

TEST(Reasons, OfATaskThatNeedsRepairAndTurnsAbnormal) {
    asked_instance w;
    w.poll_and_ask(0min, broken);
    w.answer(0min, "table x");
    const auto alert = w.poll(1min, both);
    ASSERT_EQ(alert.size(), 1u);
    EXPECT_THAT(web::to_logfmt(alert[0]), HasSubstr("event=replication_abnormal"));
    EXPECT_EQ(alert[0].find("reason"), nullptr) << "what is known is why it needs repair";
    EXPECT_THAT(w.poll_and_ask(2min, both), ElementsAre("t"));
    EXPECT_THAT(w.answer(2min, "binlog is gone"), HasSubstr("reason=\"binlog is gone\""));
}

TEST(Reasons, OfAnAbnormalTaskThatNeedsRepairToo) {
    asked_instance w;
    w.poll_and_ask(0min, abnormal);
    w.answer(0min, "binlog is gone");
    EXPECT_THAT(w.poll_and_ask(1min, both), ElementsAre("t"));
    EXPECT_EQ(w.answer(1min, "binlog is gone"), "");
    EXPECT_THAT(w.poll_and_ask(2min, both), IsEmpty());
}

TEST(Reasons, NotOfATaskThatThePollDidNotSee) {
    asked_instance w;
    w.poll(0min, abnormal);
    tracker::miss(w.state, first_seen + 1min);
    EXPECT_THAT(reasons_wanted(w.state, repeat, first_seen + 1min), IsEmpty());
}

failure refused_with(int status, const char* text) {
    failure why;
    why.result = status == 401 || status == 0 ? poll_result::auth : poll_result::http;
    why.http_status = status;
    why.error_code = "APIGW.0301";
    why.error_msg = text;
    why.request_id = "r1";
    return why;
}

const instance_identity orders{"prod", "pid", "r", "orders", "id1", {}};
const instance_identity stock{"prod", "pid", "r", "stock", "id2", {}};

TEST(Reasons, ThatCannotBeHadAreToldOnceAndAtEachRepeatInterval) {
    for (const int status : {401, 403, 400, 500}) {
        reason_reporter health("prod", repeat);
        std::vector<std::string> said;
        for (auto at = 0min; at <= repeat + 5min; at += 1min) {
            const auto line = health.failed(orders, "t", refused_with(status, "no"), 1min,
                                            test::by_both_clocks(first_seen + at));
            if (line)
                said.push_back(web::to_logfmt(*line));
        }
        ASSERT_EQ(said.size(), 2U);
        EXPECT_THAT(said[0], HasSubstr(fmt::format(
                                 "level=WARN msg=\"the error text of the task cannot be read; polls go on\" "
                                 "event=reason_failed project=prod starrocks_instance=orders task=t "
                                 "result={} http_status={} error_code=APIGW.0301 error_msg=no request_id=r1",
                                 status == 401 ? "auth" : "http", status)));
        const auto end = health.succeeded(orders, test::by_both_clocks(first_seen + repeat + 6min));
        ASSERT_TRUE(end);
        EXPECT_THAT(web::to_logfmt(*end), HasSubstr("level=INFO msg=\"the error texts of tasks can be read "
                                                    "again\" event=reason_recovered project=prod after="));
        EXPECT_FALSE(health.succeeded(orders, test::by_both_clocks(first_seen + repeat + 7min)));
    }
}

TEST(Reasons, CanBeHadAgainOnceEveryInstanceHasHadOne) {
    reason_reporter health("prod", repeat);
    const auto now = test::by_both_clocks(first_seen);
    EXPECT_TRUE(health.failed(orders, "t", refused_with(403, "no"), 1min, now));
    EXPECT_FALSE(health.failed(stock, "t", refused_with(403, "no"), 1min, now));
    EXPECT_FALSE(health.succeeded(orders, now));
    EXPECT_FALSE(health.failed(stock, "t", refused_with(403, "no"), 1min, now));
    EXPECT_TRUE(health.succeeded(stock, now));
}

TEST(Reasons, AnInstanceThatIsNotWatchedAnyMoreKeepsNobodyFromRecovering) {
    reason_reporter health("prod", repeat);
    const auto now = test::by_both_clocks(first_seen);
    EXPECT_TRUE(health.failed(orders, "t", refused_with(403, "no"), 1min, now));
    EXPECT_FALSE(health.failed(stock, "t", refused_with(403, "no"), 1min, now));
    health.forget(orders.id);
    EXPECT_TRUE(health.succeeded(stock, now));
}

TEST(Reasons, WhatWasNeverSentIsNotTold) {
    reason_reporter health("prod", repeat);
    EXPECT_FALSE(health.failed(orders, "t", refused_with(0, "held"), 1min, test::by_both_clocks(first_seen)));
    EXPECT_FALSE(health.succeeded(orders, test::by_both_clocks(first_seen)));
}

} // namespace
} // namespace replmond::tracking
