#include "daemon/core/lag/lag_tracker.hpp"
#include "daemon/core/web/log_line.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

namespace replmond::lag {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr auto lag_second = std::chrono::seconds(1);

class LagTracker : public ::testing::Test {
protected:
    LagTracker() {
        of_.identity.project = "p";
        of_.identity.name = "i";
        add("a", stage::incremental);
    }

    void add(const std::string& task, stage in) {
        task_reading reading;
        reading.name = task;
        reading.stage = in;
        reading.source_database = task + "_src";
        reading.target_database = task + "_sr";
        of_.tasks[task].reading = reading;
    }

    // Seconds ago, by the clock that the read is made at.
    table_answer ago(int seconds) const {
        table_answer answer;
        answer.read_at = now_;
        answer.value = std::to_string(
            std::chrono::floor<std::chrono::seconds>(now_ - seconds * lag_second).time_since_epoch().count());
        return answer;
    }
    static table_answer failed(lag_result result, std::string why = "no") {
        return {std::nullopt, lag_failure{result, std::move(why)}, {}};
    }

    // The events, without their time, each as a line of the log.
    std::vector<std::string> take(std::vector<table_answer> starrocks,
                                  std::vector<table_answer> source = {}) {
        lag_reading reading;
        reading.starrocks.answers = std::move(starrocks);
        reading.source.answers = std::move(source);
        return take(reading);
    }
    std::vector<std::string> take(const lag_reading& reading) {
        std::vector<std::string> lines;
        const auto events = tracker_.take_in(of_, settings_, plan_read(settings_, of_), reading,
                                             std::chrono::minutes(10), {now_, now_});
        for (const event& each : events) {
            std::string line = web::to_line(each, web::log_format::logfmt);
            line.erase(0, line.find("level="));
            lines.push_back(line);
        }
        now_ += 10 * lag_second;
        return lines;
    }
    static lag_reading broken(lag_result result, std::string why = "no") {
        lag_reading reading;
        reading.starrocks.failure = lag_failure{result, std::move(why)};
        return reading;
    }

    const task_lag& lag(const std::string& task = "a") { return of_.lag->tasks.at(task); }
    std::uint64_t count(lag_result result) { return of_.lag->reads[static_cast<std::size_t>(result)]; }

    timestamp now_ = parse_rfc3339("2026-11-30T12:00:00Z").value();
    config::lag_settings settings_;
    instance_state of_;
    lag_tracker tracker_;
};

TEST_F(LagTracker, WithoutASourceItIsOurClockMinusTheHeartbeat) {
    EXPECT_THAT(take({ago(7)}), IsEmpty());
    EXPECT_EQ(lag().lag.value, 7 * lag_second);
    EXPECT_EQ(lag().heartbeat.value, now_ - 17 * lag_second);
    EXPECT_FALSE(lag().source_heartbeat.value);
    EXPECT_EQ(count(lag_result::success), 1U);
    EXPECT_EQ(of_.lag->last_success, now_ - 10 * lag_second);
    take({ago(-3)});
    EXPECT_EQ(lag().lag.value, -3 * lag_second);
}

TEST_F(LagTracker, WithASourceItIsTheDifferenceOfTheTwo) {
    settings_.source.emplace();
    settings_.source->table = settings_.table;
    EXPECT_THAT(take({ago(100)}, {ago(90)}), IsEmpty());
    EXPECT_EQ(lag().lag.value, 10 * lag_second) << "a writer that stopped is no lag";
    EXPECT_EQ(lag().source_heartbeat.value, now_ - 100 * lag_second);
    take({ago(5)}, {failed(lag_result::empty)});
    EXPECT_EQ(lag().lag.value, 10 * lag_second) << "the last known one, until it is stale";
    EXPECT_EQ(lag().lag.unread_since, now_ - 10 * lag_second);
    EXPECT_FALSE(lag().heartbeat.unread_since);
    EXPECT_TRUE(lag().source_heartbeat.unread_since);
    EXPECT_EQ(count(lag_result::empty), 1U);
}

TEST_F(LagTracker, IsExceededRepeatedAndRecovered) {
    settings_.alert_above = std::chrono::minutes(5);
    EXPECT_THAT(take({ago(300)}), IsEmpty());
    const std::string told = "level=WARN msg=\"StarRocks is behind TaurusDB\" event=lag_exceeded project=p "
                             "starrocks_instance=i task=a ";
    EXPECT_THAT(take({ago(301)}), ElementsAre(told + "lag=301 alert_above=300"));
    for (int i = 0; i < 59; ++i)
        EXPECT_THAT(take({ago(310)}), IsEmpty());
    EXPECT_THAT(take({ago(900)}), ElementsAre(told + "lag=900 alert_above=300"))
        << "after the repeat interval";
    EXPECT_THAT(take({failed(lag_result::empty)}).size(), 1U);
    EXPECT_THAT(take({ago(300)}), ElementsAre("level=INFO msg=\"the heartbeat can be read again\" "
                                              "event=lag_read_again project=p starrocks_instance=i "
                                              "table=a_sr.heartbeat result=empty after=10",
                                              "level=INFO msg=\"StarRocks has caught up with TaurusDB\" "
                                              "event=lag_recovered project=p starrocks_instance=i "
                                              "task=a lag=300 alert_above=300 after=620"));
    EXPECT_THAT(take({ago(2)}), IsEmpty());
}

TEST_F(LagTracker, AnAlertOutlivesAPause) {
    settings_.alert_above = std::chrono::minutes(5);
    EXPECT_THAT(take({ago(301)}).size(), 1U);
    add("a", stage::paused);
    EXPECT_THAT(take({ago(600)}), IsEmpty());
    EXPECT_THAT(take({ago(1)}), IsEmpty());
    add("a", stage::incremental);
    EXPECT_THAT(take({ago(700)}), IsEmpty()) << "it is not repeated before its time";
    add("a", stage::paused);
    EXPECT_THAT(take({ago(1)}), IsEmpty());
    add("a", stage::incremental);
    EXPECT_THAT(take({ago(1)}), ElementsAre("level=INFO msg=\"StarRocks has caught up with TaurusDB\" "
                                            "event=lag_recovered project=p starrocks_instance=i task=a lag=1 "
                                            "alert_above=300 after=50"));
}

// Pages count such a task as behind. Log lines come only where somebody has asked for them.
TEST_F(LagTracker, WithoutALimitNothingIsLoggedUntilAReloadGivesOne) {
    EXPECT_THAT(take({ago(301)}), IsEmpty());
    EXPECT_TRUE(lag().above_since);
    EXPECT_THAT(take({ago(300)}), IsEmpty());
    EXPECT_FALSE(lag().above_since);
    EXPECT_THAT(take({ago(301)}), IsEmpty());
    settings_.alert_above = std::chrono::minutes(5);
    EXPECT_THAT(take({ago(301)}).size(), 1U) << "at once, not at the next repetition";
    settings_.alert_above.reset();
    EXPECT_THAT(take({ago(400)}), IsEmpty());
    EXPECT_THAT(take({ago(1)}), IsEmpty());
}

TEST_F(LagTracker, OnlyIncrementalTasksExceedIt) {
    settings_.alert_above = std::chrono::minutes(5);
    for (const stage in : {stage::full, stage::paused, stage::wait, stage::cancelled, stage::unknown}) {
        add("a", in);
        EXPECT_THAT(take({ago(5000)}), IsEmpty());
        EXPECT_EQ(lag().lag.value, 5000 * lag_second) << "it is measured all the same";
    }
}

TEST_F(LagTracker, AFailureIsSaidOnce) {
    const std::string table = "level=WARN msg=\"the heartbeat in StarRocks cannot be read\" event=lag_failed "
                              "project=p starrocks_instance=i "
                              "table=a_sr.heartbeat ";
    EXPECT_THAT(take({failed(lag_result::query, "no such table")}),
                ElementsAre(table + "result=query error_msg=\"no such table\""));
    EXPECT_THAT(take({failed(lag_result::query, "another text")}), IsEmpty());
    EXPECT_THAT(take({failed(lag_result::empty, "no row")}),
                ElementsAre(table + "result=empty error_msg=\"no row\""));
    table_answer odd = ago(1);
    odd.value = "soon";
    EXPECT_THAT(
        take({odd}),
        ElementsAre(table + R"(result=protocol error_msg="the column holds no heartbeat: \"soon\"")"));
    EXPECT_EQ(count(lag_result::query), 2U);
    EXPECT_EQ(count(lag_result::protocol), 1U);
    EXPECT_EQ(count(lag_result::success), 0U);
    EXPECT_FALSE(of_.lag->last_success);
}

TEST_F(LagTracker, AWholeDatabaseCountsOnce) {
    add("b", stage::incremental);
    for (const lag_result result :
         {lag_result::auth, lag_result::network, lag_result::tls, lag_result::timeout}) {
        const auto lines = take(broken(result));
        ASSERT_EQ(lines.size(), 1U);
        EXPECT_EQ(lines[0], "level=WARN msg=\"the heartbeat in StarRocks cannot be read\" event=lag_failed "
                            "project=p starrocks_instance=i "
                            "result=" +
                                std::string(to_string(result)) + " error_msg=no");
        EXPECT_EQ(count(result), 1U);
    }
    EXPECT_THAT(
        take({ago(1), ago(1)}),
        ElementsAre("level=INFO msg=\"the heartbeat can be read again\" event=lag_read_again project=p "
                    "starrocks_instance=i result=timeout after=40"));
    EXPECT_EQ(count(lag_result::success), 2U);
}

TEST_F(LagTracker, OtherTasksGoOn) {
    add("b", stage::incremental);
    take({failed(lag_result::query), ago(4)});
    EXPECT_FALSE(lag("a").lag.value);
    EXPECT_EQ(lag("b").lag.value, 4 * lag_second);
    EXPECT_EQ(count(lag_result::query), 1U);
    EXPECT_EQ(count(lag_result::success), 1U);
}

TEST_F(LagTracker, ATaskWithoutADatabaseIsNamed) {
    of_.tasks["a"].reading.target_database = "ALL";
    EXPECT_THAT(take(std::vector<table_answer>{}),
                ElementsAre("level=WARN msg=\"the heartbeat in StarRocks cannot be read\" event=lag_failed "
                            "project=p starrocks_instance=i task=a result=query error_msg=\"the task has no "
                            "single database of its own; name its table under lag.tasks\""));
    EXPECT_EQ(count(lag_result::query), 1U);
    settings_.tasks["a"] = {"ops", "heartbeat"};
    EXPECT_THAT(take({ago(1)}), IsEmpty());
}

TEST_F(LagTracker, AWriteThatFailsIsSaidOnce) {
    settings_.source.emplace();
    settings_.source->table = settings_.table;
    lag_reading reading;
    reading.starrocks.answers = {ago(2)};
    reading.source.answers = {ago(1)};
    reading.write_failures = {lag_failure{lag_result::query, "read only"}};
    EXPECT_THAT(
        take(reading),
        ElementsAre(
            "level=WARN msg=\"the heartbeat in TaurusDB cannot be written\" event=lag_failed project=p "
            "starrocks_instance=i table=a_src.heartbeat result=query error_msg=\"read only\""));
    EXPECT_THAT(take(reading), IsEmpty());
    EXPECT_EQ(lag().lag.value, 1 * lag_second);
    reading.write_failures = {std::nullopt};
    EXPECT_THAT(
        take(reading),
        ElementsAre("level=INFO msg=\"the heartbeat can be written again\" event=lag_read_again project=p "
                    "starrocks_instance=i table=a_src.heartbeat result=query after=20"));
}

TEST_F(LagTracker, WhatIsGoneIsForgotten) {
    add("b", stage::incremental);
    take({ago(1), failed(lag_result::query)});
    of_.tasks.erase("b");
    take({ago(1)});
    EXPECT_FALSE(of_.lag->tasks.contains("b"));
    add("b", stage::incremental);
    EXPECT_THAT(take({ago(1), ago(1)}), IsEmpty()) << "it was not failing any more";
}

} // namespace
} // namespace replmond::lag
