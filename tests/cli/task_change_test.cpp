#include "daemon/cli/task_change.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace replmond::cli {
namespace {

using std::chrono::seconds;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using kind = cloud::change_outcome::kind;

task_change_arguments creation() {
    task_change_arguments a;
    a.change = task_change::create;
    a.task_name = "orders_sync";
    a.order.source_instance_id = "0123456789abcdef0123456789abcdefin07";
    a.order.source_database = "orders";
    a.order.target_database = "orders_sr";
    return a;
}

cloud::change_outcome refused(int status, const std::string& code) {
    cloud::change_outcome outcome;
    outcome.how = status >= 500 ? kind::unknown : kind::refused;
    outcome.why.result = status == 429 ? poll_result::throttled : poll_result::http;
    outcome.why.http_status = status;
    outcome.why.error_code = code;
    outcome.why.error_msg = "no\x1b[2J";
    return outcome;
}

TEST(CheckChange, CreateTellsTheFlagAndWhatIsAllowed) {
    EXPECT_TRUE(check_change(creation()).subject);
    auto a = creation();
    a.task_name = "a-b";
    a.order.source_instance_id = "";
    const auto checked = check_change(a);
    EXPECT_FALSE(checked.subject);
    EXPECT_THAT(
        checked.mistakes,
        ElementsAre("--source-instance-id: expected an id of 36 letters and digits, got \"\"",
                    "--task-name: expected 3 to 128 letters (A-Z, a-z), digits or underscores, got \"a-b\""));
}

TEST(CheckChange, TheOthersNeedANameThatIsNotEmpty) {
    for (const auto change : {task_change::pause, task_change::resume, task_change::remove}) {
        task_change_arguments a;
        a.change = change;
        a.yes = true;
        EXPECT_THAT(check_change(a).mistakes, ElementsAre(HasSubstr("--task-name: expected a name")));
        EXPECT_FALSE(check_change(a).subject);
        a.task_name = "订单";
        EXPECT_THAT(check_change(a).mistakes, IsEmpty());
        EXPECT_TRUE(check_change(a).subject);
    }
}

TEST(CheckChange, DeleteNeedsYes) {
    task_change_arguments a;
    a.change = task_change::remove;
    a.task_name = "t1";
    EXPECT_THAT(check_change(a).mistakes, ElementsAre(HasSubstr("nothing is sent without --yes")));
}

TEST(RefusalWords, SayWhatHappenedAndWhatToDo) {
    const auto words = [](task_change change, const cloud::change_outcome& outcome) {
        return refusal_words(change, "orders", "t\n1", outcome);
    };
    EXPECT_THAT(
        words(task_change::create, refused(400, "DBS.270022")),
        AllOf(HasSubstr("create of t\\n1 on orders: the cloud knows no such task: http 400 DBS.270022"),
              HasSubstr("define it in the console, or with the API's database-config-check"),
              Not(HasSubstr("\x1b"))));
    EXPECT_THAT(words(task_change::remove, refused(400, "DBS.05000091")),
                AllOf(HasSubstr("refused"), HasSubstr("replmond task list"), Not(HasSubstr("console"))));
    EXPECT_THAT(words(task_change::create, refused(400, "DBS.280001")),
                HasSubstr("the databases must be those that the task is defined for"));
    EXPECT_THAT(words(task_change::pause, refused(400, "DBS.280001")), Not(HasSubstr("databases")));
    EXPECT_THAT(words(task_change::create, refused(400, "DBS.200086")), HasSubstr("it may run already"));
    EXPECT_THAT(words(task_change::pause, refused(400, "DBS.200086")), HasSubstr("only a task that runs"));
    EXPECT_THAT(words(task_change::resume, refused(400, "DBS.200086")), HasSubstr("only a paused task"));
    EXPECT_THAT(words(task_change::pause, refused(502, "")), HasSubstr("it is unknown whether it was done"));
    cloud::change_outcome unsent;
    unsent.why.error_msg = "cannot connect";
    EXPECT_THAT(words(task_change::pause, unsent), HasSubstr("nothing was sent: network: cannot connect"));
}

TEST(AgainAfter, ABusyInstanceIsTriedForEverAtADecentPace) {
    const auto busy = refused(409, "DBS.200019");
    EXPECT_EQ(again_after(busy, 1, 0), seconds(1));
    EXPECT_EQ(again_after(busy, 1, 1), seconds(2));
    EXPECT_EQ(again_after(busy, 2, 1), seconds(4));
    EXPECT_EQ(again_after(busy, 100, 1), seconds(30));
    EXPECT_EQ(again_after(busy, 100, 0), seconds(15));
    EXPECT_EQ(again_after(refused(409, "DBS.200022"), 1, 1), std::nullopt);
}

TEST(AgainAfter, WhatMayHaveBeenDoneIsNotSentAgain) {
    for (const int status : {500, 502, 503, 504})
        EXPECT_EQ(again_after(refused(status, "DBS.200019"), 1, 0), std::nullopt);
    failure lost;
    lost.result = poll_result::network;
    EXPECT_EQ(again_after(cloud::outcome_without_answer(lost, true), 1, 0), std::nullopt);
    lost.result = poll_result::timeout;
    EXPECT_EQ(again_after(cloud::outcome_without_answer(lost, true), 1, 0), std::nullopt);
}

TEST(AgainAfter, WhatWasNeverSentIsTriedTwiceMore) {
    failure why;
    why.result = poll_result::network;
    const auto unsent = cloud::outcome_without_answer(why, false);
    EXPECT_EQ(again_after(unsent, 1, 1), milliseconds(500));
    EXPECT_EQ(again_after(unsent, 2, 1), seconds(1));
    EXPECT_EQ(again_after(unsent, 3, 1), std::nullopt);
    why.result = poll_result::tls;
    EXPECT_EQ(again_after(cloud::outcome_without_answer(why, false), 1, 1), std::nullopt);
    why.result = poll_result::auth;
    EXPECT_EQ(again_after(cloud::outcome_without_answer(why, false), 1, 1), std::nullopt);
}

TEST(AgainAfter, A429IsTriedAgainWhenItSaysWhen) {
    auto throttled = refused(429, "APIGW.0308");
    EXPECT_EQ(again_after(throttled, 1, 1), std::nullopt);
    throttled.why.retry_after = seconds(7);
    EXPECT_EQ(again_after(throttled, 1, 1), seconds(7));
    throttled.why.retry_after = milliseconds(0);
    EXPECT_EQ(again_after(throttled, 1, 1), seconds(1));
    throttled.why.retry_after = std::chrono::hours(9);
    EXPECT_EQ(again_after(throttled, 1, 1), std::chrono::minutes(5));
}

} // namespace
} // namespace replmond::cli
