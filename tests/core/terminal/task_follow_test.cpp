#include "daemon/core/terminal/task_follow.hpp"
#include "daemon/core/terminal/text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace replmond::terminal {
namespace {

using enum follow_verdict;
using std::chrono::seconds;
using std::chrono_literals::operator""s;
using std::chrono_literals::operator""ms;
using ::testing::HasSubstr;
using ::testing::Not;

follow_reading seen(stage at, std::optional<status> is = status::yes, std::optional<double> done = {}) {
    follow_reading reading;
    reading.task.emplace();
    reading.task->name = "t";
    reading.task->stage = at;
    reading.task->status = is;
    reading.task->percentage = done;
    return reading;
}

follow_reading absent(bool proven = true) {
    follow_reading reading;
    reading.proven_absent = proven;
    return reading;
}

/// A task that is read every 5 s.
class followed_task {
public:
    explicit followed_task(task_goal goal) : follow_(goal) {}

    follow_verdict operator()(const follow_reading& reading) {
        const auto verdict = follow_.take(reading, at_);
        at_ += seconds(5);
        return verdict;
    }
    const task_follow& state() const { return follow_; }

private:
    task_follow follow_;
    milliseconds at_ = seconds(1);
};

TEST(TaskFollow, CreateAndResumeEndAtIncremental) {
    followed_task take(task_goal::incremental);
    EXPECT_EQ(take(absent()), go_on);
    EXPECT_EQ(take(seen(stage::wait)), go_on);
    EXPECT_EQ(take(seen(stage::paused)), go_on);
    EXPECT_EQ(take(seen(stage::full, status::yes, 10)), go_on);
    EXPECT_EQ(take(seen(stage::unknown)), go_on);
    EXPECT_EQ(take(seen(stage::incremental, std::nullopt)), reached);
}

TEST(TaskFollow, ThreeAbnormalReadingsInARowEndIt) {
    followed_task take(task_goal::incremental);
    EXPECT_EQ(take(seen(stage::full, status::no)), go_on);
    EXPECT_EQ(take(seen(stage::full, status::no)), go_on);
    EXPECT_EQ(take(seen(stage::full, status::yes)), go_on);
    EXPECT_EQ(take(seen(stage::full, status::no)), go_on);
    EXPECT_EQ(take(seen(stage::incremental, status::no)), go_on);
    EXPECT_EQ(take(seen(stage::incremental, status::no)), abnormal);
}

TEST(TaskFollow, IncrementalAndAbnormalIsNotWhereItShouldBe) {
    followed_task take(task_goal::incremental);
    EXPECT_EQ(take(seen(stage::incremental, status::no)), go_on);
    EXPECT_EQ(take(seen(stage::incremental, status::yes)), reached);
}

TEST(TaskFollow, GoneAndCancelledCountAfterItWasSeen) {
    followed_task lost(task_goal::incremental);
    EXPECT_EQ(lost(absent()), go_on);
    EXPECT_EQ(lost(seen(stage::full)), go_on);
    EXPECT_EQ(lost(absent(false)), go_on);
    EXPECT_EQ(lost(absent()), gone);

    followed_task stopped(task_goal::incremental);
    EXPECT_EQ(stopped(seen(stage::cancelled)), go_on); // what was there before
    EXPECT_EQ(stopped(seen(stage::wait)), go_on);
    EXPECT_EQ(stopped(seen(stage::cancelled)), cancelled);

    followed_task old(task_goal::incremental);
    EXPECT_EQ(old(seen(stage::cancelled)), go_on);
    EXPECT_EQ(old(absent()), gone); // seen is seen, in whatever stage
}

TEST(TaskFollow, PauseEndsAtPausedOnly) {
    followed_task take(task_goal::paused);
    EXPECT_EQ(take(seen(stage::incremental)), go_on);
    for (int i = 0; i < 5; ++i)
        EXPECT_EQ(take(seen(stage::full, status::no)), go_on);
    EXPECT_EQ(take(absent()), go_on);
    EXPECT_EQ(take(seen(stage::cancelled)), go_on);
    EXPECT_EQ(take(seen(stage::paused, status::no)), reached);
}

TEST(TaskFollow, DeleteEndsWhenItsAbsenceIsProven) {
    followed_task take(task_goal::gone);
    EXPECT_EQ(take(seen(stage::incremental)), go_on);
    EXPECT_EQ(take(seen(stage::cancelled, status::no)), go_on);
    EXPECT_EQ(take(absent(false)), go_on);
    EXPECT_EQ(take(absent()), reached);
    followed_task at_once(task_goal::gone);
    EXPECT_EQ(at_once(absent()), reached);
}

TEST(TaskFollow, ExitCodes) {
    EXPECT_EQ(exit_code_of(reached), 0);
    EXPECT_EQ(exit_code_of(abnormal), 2);
    EXPECT_EQ(exit_code_of(gone), 2);
    EXPECT_EQ(exit_code_of(cancelled), 2);
    EXPECT_EQ(exit_code_of(timed_out), 3);
}

TEST(TaskFollow, EstimatesFromThePaceOfTheFullCopy) {
    followed_task take(task_goal::incremental);
    take(seen(stage::wait, status::yes, 50));
    take(seen(stage::full, status::yes, 10)); // at 6 s
    EXPECT_EQ(take.state().left(seconds(6)), std::nullopt);
    take(seen(stage::full, status::yes, 20)); // at 11 s: 2 % a second
    EXPECT_EQ(take.state().left(seconds(11)), seconds(40));
    EXPECT_EQ(take.state().left(seconds(21)), seconds(30));
    EXPECT_EQ(take.state().left(seconds(500)), seconds(0));
    take(seen(stage::full, status::yes, 20));
    EXPECT_EQ(take.state().left(seconds(16)), seconds(35));
    take(seen(stage::full, status::yes, 5)); // begun anew
    EXPECT_EQ(take.state().left(seconds(21)), std::nullopt);
    take(seen(stage::full, status::yes, 5));
    EXPECT_EQ(take.state().left(seconds(26)), std::nullopt);
    take(seen(stage::incremental, status::no, 100));
    EXPECT_EQ(take.state().left(seconds(31)), std::nullopt);
}

TEST(TaskFollow, EstimatesFromOneUnbrokenFullCopyOnly) {
    const std::vector<std::pair<const char*, follow_reading>> breaks{
        {"gone for a while", absent()},
        {"no percentage", seen(stage::full)},
        {"another stage", seen(stage::wait, status::yes, 25)},
    };
    for (const auto& [what, between] : breaks) {
        followed_task take(task_goal::paused);
        take(seen(stage::full, status::yes, 10));
        take(seen(stage::full, status::yes, 20));
        EXPECT_EQ(take.state().left(seconds(6)), seconds(40)) << what;
        take(between);
        if (between.task) {
            EXPECT_EQ(take.state().left(seconds(11)), std::nullopt) << what;
        }
        take(seen(stage::full, status::yes, 30));
        EXPECT_EQ(take.state().left(seconds(16)), std::nullopt) << what;
    }
    followed_task waiting(task_goal::incremental);
    waiting(seen(stage::wait, status::yes, 5));
    waiting(seen(stage::wait, status::yes, 6));
    EXPECT_EQ(waiting.state().left(seconds(6)), std::nullopt);
    waiting(seen(stage::full, status::yes, 10));
    EXPECT_EQ(waiting.state().left(seconds(11)), std::nullopt);
}

TEST(TaskFollow, KnowsWhetherTheTaskIsAbsent) {
    followed_task take(task_goal::paused);
    EXPECT_FALSE(take.state().absent());
    take(absent());
    EXPECT_TRUE(take.state().absent());
    take(seen(stage::full));
    EXPECT_FALSE(take.state().absent());
    take(absent(false));
    EXPECT_FALSE(take.state().absent());
}

TEST(TaskFollow, LiveLineHasABarOf8ColumnsAtLeast) {
    followed_task take(task_goal::incremental);
    take(seen(stage::wait));
    EXPECT_EQ(live_line("t", take.state(), seconds(1), 80), "t  wait  1s");
    take(seen(stage::full, status::yes, 10));
    take(seen(stage::full, status::yes, 20));
    EXPECT_EQ(live_line("t", take.state(), seconds(11), 47),
              "t  full  [#-------]    20%  11s, about 40s left");
    EXPECT_EQ(live_line("t", take.state(), seconds(11), 46), "t  full   20%  11s, about 40s left");
}

TEST(TaskFollow, LiveLineShowsStageBarPercentageAndTimes) {
    followed_task take(task_goal::incremental);
    EXPECT_EQ(live_line("t", take.state(), seconds(0), 80), "t  not seen yet  0s");
    take(seen(stage::full, status::yes, 10));
    take(seen(stage::full, status::yes, 20));
    EXPECT_EQ(live_line("t", take.state(), seconds(6), 100),
              "t  full  [######------------------------]    20%  6s, about 40s left");
    take(seen(stage::full, status::no, 50));
    EXPECT_THAT(live_line("t", take.state(), seconds(11), 100), HasSubstr("ABNORMAL"));
    EXPECT_THAT(live_line("t", take.state(), seconds(11), 45), Not(HasSubstr("[")));
    for (std::size_t columns = 1; columns < 120; ++columns)
        EXPECT_LE(width_of(live_line("订单\x1b[2J", take.state(), seconds(3700), columns)), columns);
    EXPECT_THAT(live_line("\x1b[2J\r", take.state(), seconds(1), 80), Not(HasSubstr("\x1b")));
}

TEST(TaskFollow, Words) {
    followed_task take(task_goal::incremental);
    EXPECT_EQ(follow_state(take.state()), "not seen yet");
    take(absent());
    EXPECT_EQ(follow_state(take.state()), "not in the list");
    take(seen(stage::full, status::no, 42.5));
    EXPECT_EQ(follow_state(take.state()), "full 42.5%, ABNORMAL");
    const auto goal = task_goal::incremental;
    EXPECT_EQ(verdict_words("t", take.state(), goal, reached, seconds(65)), "t: incremental after 1m05s");
    EXPECT_EQ(verdict_words("t", take.state(), goal, timed_out, seconds(1800)),
              "t: not incremental after 30m00s (full 42.5%, ABNORMAL); it goes on in the cloud");
    EXPECT_EQ(verdict_words("t", take.state(), goal, abnormal, seconds(9)),
              "t: abnormal in 3 readings in a row (full 42.5%, ABNORMAL); replmond task show says why");
    EXPECT_EQ(verdict_words("t", take.state(), goal, gone, seconds(9)), "t: gone from the list after 9s");
    EXPECT_EQ(verdict_words("t", take.state(), goal, cancelled, seconds(9)), "t: cancelled after 9s");
    EXPECT_EQ(verdict_words("t", take.state(), task_goal::gone, reached, seconds(4000)),
              "t: gone after 1h06m");
}

TEST(RoughDuration, HasTwoUnitsAtMost) {
    const std::vector<std::pair<milliseconds, std::string>> table{
        {999ms, "0s"},    {59'999ms, "59s"}, {60s, "1m00s"},   {3599s, "59m59s"},
        {3600s, "1h00m"}, {7199s, "1h59m"},  {7200s, "2h00m"}, {86'400s, "24h00m"},
    };
    for (const auto& [duration, text] : table)
        EXPECT_EQ(rough_duration(duration), text);
}

} // namespace
} // namespace replmond::terminal
