#include "daemon/core/model/condition.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace replmond {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr timestamp wall{milliseconds(1'800'014'400'000)};
constexpr timestamp even{milliseconds(1'800'014'000'000)}; // the wall clock was set: 400 s apart
const look_time at{{wall, even}, 15min};

task_state task_in(stage is, std::optional<status> how = status::yes, std::optional<double> percentage = {}) {
    task_state task;
    task.reading.name = "t";
    task.reading.stage = is;
    task.reading.status = how;
    task.reading.percentage = percentage;
    task.stage_changed = task.status_changed = task.progress_changed = wall - 1min;
    return task;
}

std::vector<std::string> words(const condition_set& found) {
    std::vector<std::string> all;
    for (const condition each : all_conditions) {
        if (found.contains(each))
            all.emplace_back(to_string(each));
    }
    return all;
}

std::vector<std::string> words(const task_state& task, const task_lag* lag = nullptr) {
    return words(conditions_of(task, lag, at));
}

TEST(Condition, ATaskAsItShouldBeHasNone) {
    EXPECT_THAT(words(task_in(stage::incremental)), IsEmpty());
    EXPECT_THAT(words(task_in(stage::full, status::yes, 40)), IsEmpty());
    EXPECT_THAT(words(task_in(stage::paused)), IsEmpty());
    EXPECT_EQ(condition_set().worst(), std::nullopt);
}

TEST(Condition, OfWhatIsReported) {
    EXPECT_THAT(words(task_in(stage::incremental, status::no)), ElementsAre("abnormal"));
    EXPECT_THAT(words(task_in(stage::incremental, std::nullopt)), ElementsAre("status unknown"));
    EXPECT_THAT(words(task_in(stage::cancelled)), ElementsAre("cancelled"));
    task_state task = task_in(stage::full, status::no);
    task.reading.needs_repair = true;
    EXPECT_THAT(words(task), ElementsAre("abnormal", "needs repair"));
    EXPECT_EQ(conditions_of(task, nullptr, at).worst(), condition::abnormal);
}

// The limits are those of the alerts FullSyncStalled, ReplicationWaitingTooLong and ReplicationPausedTooLong.
TEST(Condition, NoProgressBeginsWhenTheLimitHasPassed) {
    struct row {
        stage is;
        milliseconds longest;
    };
    for (const row& r : {row{stage::full, 30min}, row{stage::wait, 1h}, row{stage::paused, 24h}}) {
        task_state task = task_in(r.is, status::yes, 40);
        task.stage_changed = task.progress_changed = wall - r.longest;
        EXPECT_THAT(words(task), IsEmpty());
        EXPECT_EQ(conditions_hold_for(task, nullptr, at), 1ms);
        task.stage_changed = task.progress_changed = wall - r.longest - 1ms;
        EXPECT_THAT(words(task), ElementsAre("no progress"));
        EXPECT_EQ(conditions_hold_for(task, nullptr, at), std::nullopt);
        EXPECT_EQ(since_when(condition::no_progress, task, nullptr, at), wall - r.longest - 1ms);
    }
    task_state broken = task_in(stage::full, status::no, 40);
    broken.progress_changed = wall - 48h;
    EXPECT_THAT(words(broken), ElementsAre("abnormal"));
    task_state moves = task_in(stage::full, status::yes, 40);
    moves.stage_changed = wall - 48h;
    EXPECT_THAT(words(moves), IsEmpty());
    moves.reading.percentage.reset(); // nothing that could move is reported
    moves.progress_changed = wall - 48h;
    EXPECT_THAT(words(moves), IsEmpty());
}

// While polls fail, nothing is known to stand still.
TEST(Condition, NoProgressIsMeasuredUpToTheLastReading) {
    task_state task = task_in(stage::full, status::yes, 40);
    task.progress_changed = wall - 31min;
    task.unseen_since = even - 5min;
    EXPECT_THAT(words(task), IsEmpty());
    task.unseen_since = even - 30s;
    EXPECT_THAT(words(task), ElementsAre("no progress"));
}

TEST(Condition, ACommandThatReadOnceKnowsNoAges) {
    task_state task = task_in(stage::full, status::yes, 40);
    task.stage_changed = task.status_changed = task.progress_changed = timestamp();
    EXPECT_THAT(words(task), IsEmpty());
    EXPECT_EQ(in_state_since(task), std::nullopt);
}

TEST(Condition, OutdatedAfterStaleAfter) {
    task_state task = task_in(stage::incremental);
    task.unseen_since = even - 15min + 1ms;
    EXPECT_THAT(words(task), IsEmpty());
    EXPECT_EQ(conditions_hold_for(task, nullptr, at), 1ms);
    task.unseen_since = even - 15min;
    EXPECT_THAT(words(task), ElementsAre("outdated"));
    EXPECT_EQ(since_when(condition::outdated, task, nullptr, at), wall - 15min) << "by the wall clock";
}

TEST(Condition, LagCountsInStageIncrementalWithStatusYes) {
    task_lag lag;
    lag.lag.read(6min);
    EXPECT_THAT(words(task_in(stage::incremental), &lag), IsEmpty()) << "not above its limit";
    lag.above_since = even - 2min;
    EXPECT_THAT(words(task_in(stage::incremental), &lag), ElementsAre("behind"));
    EXPECT_EQ(since_when(condition::behind, task_in(stage::incremental), &lag, at), wall - 2min);
    EXPECT_THAT(words(task_in(stage::paused), &lag), IsEmpty());
    EXPECT_THAT(words(task_in(stage::incremental, status::no), &lag), ElementsAre("abnormal"));
    lag.lag.failed(even - 15min + 1ms);
    EXPECT_THAT(words(task_in(stage::incremental), &lag), ElementsAre("behind"));
    EXPECT_EQ(conditions_hold_for(task_in(stage::incremental), &lag, at), 1ms);
    lag.lag.unread_since = even - 15min;
    EXPECT_THAT(words(task_in(stage::incremental), &lag), ElementsAre("lag unknown"));
    EXPECT_EQ(since_when(condition::lag_unknown, task_in(stage::incremental), &lag, at), wall - 15min);
    lag.lag.value.reset(); // it was never read
    EXPECT_THAT(words(task_in(stage::incremental), &lag), IsEmpty());
}

TEST(Condition, SinceWhenIsAsOfTheWorst) {
    task_state task = task_in(stage::incremental, status::no);
    EXPECT_EQ(since_when(condition::abnormal, task, nullptr, at),
              wall - 1min); // the last change of the status
    task.abnormal_since = wall - 10min;
    EXPECT_EQ(since_when(condition::abnormal, task, nullptr, at), wall - 10min);
    EXPECT_EQ(since_when(condition::needs_repair, task, nullptr, at), std::nullopt);
    task.repair_since = wall - 3min;
    EXPECT_EQ(since_when(condition::needs_repair, task, nullptr, at), wall - 3min);
    task.stage_changed = wall - 40 * 24h; // incremental for 40 days, abnormal for 10 minutes
    task.status_changed = wall - 10min;
    EXPECT_EQ(in_state_since(task), wall - 10min);
}

TEST(Condition, MainTasksAreGoneForTwoHours) {
    departed_task left{task_in(stage::incremental), wall - 2h};
    EXPECT_TRUE(is_gone(left, at)); // not reported counts as main
    left.at = wall - 2h - 1ms;
    EXPECT_FALSE(is_gone(left, at));
    left.at = wall;
    left.state.reading.main_task = false;
    EXPECT_FALSE(is_gone(left, at));
}

TEST(Condition, DecideTheSeverity) {
    task_state task = task_in(stage::full, status::yes, 40);
    task.progress_changed = wall - 1h;
    EXPECT_EQ(severity_of(task.reading, conditions_of(task, nullptr, at)), task_severity::no_progress);
    task.unseen_since = even - 1h;
    EXPECT_EQ(severity_of(task.reading, conditions_of(task, nullptr, at)), task_severity::stale);
}

} // namespace
} // namespace replmond
