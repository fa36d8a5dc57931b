#include "tests/store/samples.hpp"

#include <gtest/gtest.h>

namespace replmond::store {

using std::string_literals::operator""s;

task_record full_task(const std::string& name) {
    task_record task;
    task_reading& reading = task.state.reading;
    reading.name = name;
    reading.source_database = "source";
    reading.target_database = "target \u4efb\0end"s;
    reading.status = status::no;
    reading.stage = stage::unknown;
    reading.stage_raw = "Verifying";
    reading.percentage = 42.1;
    reading.catchup_stage = stage::full;
    reading.catchup_stage_raw = "";
    reading.catchup_percentage = 0.1;
    reading.needs_repair = true;
    reading.main_task = false;
    task.state.appeared = noon + milliseconds(9);
    task.state.stage_changed = noon + milliseconds(1);
    task.state.status_changed = noon + milliseconds(2);
    task.state.progress_changed = noon + milliseconds(3);
    task.state.last_status = status::yes;
    task.state.last_percentage = 1.0 / 3;
    task.state.abnormal_since = noon + milliseconds(4);
    task.state.repair_since = noon + milliseconds(7);
    task.state.last_alert = noon + milliseconds(5);
    task.state.alerts_repeated = 5'000'000'000;
    task.state.repair_needed = true;
    task.state.reason.text = "disk full\n";
    task.state.reason.round = noon + milliseconds(6);
    task.state.reason.asked = 3;
    task.state.reason.answered = true;
    task.state.unseen_since = noon + milliseconds(7);
    task.gone_since = noon + milliseconds(8);
    return task;
}

instance_record full_instance() {
    instance_record instance;
    instance.discovered = true;
    instance.project = "prod";
    instance.starrocks_instance = "orders";
    instance.last_seen = noon + milliseconds(1);
    instance.note = "maintenance\n维护";
    instance.last_success = noon + milliseconds(2);
    instance.failing = {7, noon + milliseconds(3), noon + milliseconds(4), poll_result::tls};
    std::uint64_t count = 0;
    for (auto& from : instance.transitions) {
        for (auto& to : from)
            to = count++;
    }
    instance.transitions[1][2] = 1ull << 60;
    return instance;
}

kept_event sample_event(std::uint64_t id, timestamp time) {
    kept_event kept;
    kept.of = orders;
    kept.what.name = "replication_abnormal";
    kept.what.level = severity::error;
    kept.what.time = time;
    kept.what.message = "the synchronization is abnormal";
    kept.what.project = "prod";
    kept.what.starrocks_instance = "orders";
    kept.what.task = "t";
    kept.what.with("stage", "full")
        .with("percentage", decimal{"42.50"})
        .with("main_task", true)
        .with("repeat", 0);
    if (id != 0)
        kept.what.id = id;
    return kept;
}

event plain_event(const std::string& name) {
    event e;
    e.name = name;
    e.time = noon;
    return e;
}

void expect_equal(const task_record& a, const task_record& b) {
    EXPECT_EQ(a.state.reading, b.state.reading);
    EXPECT_EQ(a.state.appeared, b.state.appeared);
    EXPECT_EQ(a.state.stage_changed, b.state.stage_changed);
    EXPECT_EQ(a.state.status_changed, b.state.status_changed);
    EXPECT_EQ(a.state.progress_changed, b.state.progress_changed);
    EXPECT_EQ(a.state.last_status, b.state.last_status);
    EXPECT_EQ(a.state.last_percentage, b.state.last_percentage);
    EXPECT_EQ(a.state.abnormal_since, b.state.abnormal_since);
    EXPECT_EQ(a.state.repair_since, b.state.repair_since);
    EXPECT_EQ(a.state.last_alert, b.state.last_alert);
    EXPECT_EQ(a.state.alerts_repeated, b.state.alerts_repeated);
    EXPECT_EQ(a.state.repair_needed, b.state.repair_needed);
    EXPECT_EQ(a.state.reason.text, b.state.reason.text);
    EXPECT_EQ(a.state.reason.round, b.state.reason.round);
    EXPECT_EQ(a.state.reason.asked, b.state.reason.asked);
    EXPECT_EQ(a.state.reason.answered, b.state.reason.answered);
    EXPECT_EQ(a.state.unseen_since, b.state.unseen_since);
    EXPECT_EQ(a.gone_since, b.gone_since);
}

void expect_equal(const instance_record& a, const instance_record& b) {
    EXPECT_EQ(a.project, b.project);
    EXPECT_EQ(a.starrocks_instance, b.starrocks_instance);
    EXPECT_EQ(a.last_seen, b.last_seen);
    EXPECT_EQ(a.discovered, b.discovered);
    EXPECT_EQ(a.last_success, b.last_success);
    EXPECT_EQ(a.note, b.note);
    EXPECT_EQ(a.failing, b.failing);
    EXPECT_EQ(a.transitions, b.transitions);
}

} // namespace replmond::store
