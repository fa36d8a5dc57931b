#include "daemon/store/instance_rows.hpp"
#include "daemon/store/saved_instance.hpp"
#include "tests/store/samples.hpp"

#include <gtest/gtest.h>

#include <functional>

namespace replmond::store {
namespace {

struct SavedInstance : ::testing::Test {
    saved_instance saved{orders};
    instance_record self = full_instance();
    task_record a = full_task("a");
    task_record b = full_task("b");

    batch collect(const std::vector<const task_record*>& tasks,
                  thoroughness how = thoroughness::changes_only) {
        std::vector<task_view> views;
        for (const task_record* task : tasks)
            views.push_back({&task->state, task->gone_since});
        batch changes;
        saved.collect(self, views, how, changes);
        return changes;
    }
};

TEST_F(SavedInstance, WritesAllAtFirstAndThenNothingWhereNothingChanged) {
    const batch first = collect({&a, &b});
    EXPECT_EQ(first.instances.size(), 1u);
    ASSERT_EQ(first.tasks.size(), 2u);
    expect_equal(*first.tasks.at({orders, "a"}), a);
    EXPECT_TRUE(collect({&a, &b}).empty());
}

TEST_F(SavedInstance, WritesTheTaskThatChangedAndTheInstanceWithIt) {
    collect({&a, &b});
    b.state.last_percentage = 50;
    self.last_success = noon + milliseconds(60'000);
    const batch changes = collect({&a, &b});
    ASSERT_EQ(changes.tasks.size(), 1u);
    EXPECT_EQ(changes.tasks.begin()->first.task, "b");
    EXPECT_EQ(changes.instances.at(orders).last_success, self.last_success);
}

TEST_F(SavedInstance, RemovesWhatIsNotThereAnyMore) {
    collect({&a, &b});
    const batch changes = collect({&b});
    ASSERT_EQ(changes.tasks.size(), 1u);
    EXPECT_FALSE(changes.tasks.at({orders, "a"}).has_value());
    EXPECT_EQ(collect({&a, &b}).tasks.size(), 1u); // and back
}

TEST_F(SavedInstance, MayBePrunedAfterADay) {
    EXPECT_FALSE(saved.was_saved_long_before(noon));
    self.last_seen = noon;
    collect({&a});
    EXPECT_FALSE(saved.was_saved_long_before(noon + std::chrono::hours(23)));
    EXPECT_TRUE(saved.was_saved_long_before(noon + std::chrono::hours(24)));
}

TEST_F(SavedInstance, WhatEveryPollChangesIsNoChange) {
    self.failing.failures = 1;
    collect({&a});
    self.last_success = noon + milliseconds(60'000);
    self.last_seen += milliseconds(60'000);
    self.failing.failures = 2;
    EXPECT_TRUE(collect({&a}).empty());
    EXPECT_EQ(collect({&a}, thoroughness::everything).instances.at(orders).failing.failures, 2);
}

TEST_F(SavedInstance, WhatMattersOfAnInstanceIsWritten) {
    const std::vector<std::pair<const char*, std::function<void(instance_record&)>>> table{
        {"a transition", [](instance_record& r) { ++r.transitions[0][1]; }},
        {"a new name", [](instance_record& r) { r.starrocks_instance = "other"; }},
        {"configured now", [](instance_record& r) { r.discovered = !r.discovered; }},
        {"a new project name", [](instance_record& r) { r.project = "other"; }},
        {"another note", [](instance_record& r) { r.note = "other"; }},
        {"it was said again", [](instance_record& r) { r.failing.last_logged += milliseconds(1); }},
        {"another result", [](instance_record& r) { r.failing.said = poll_result::http; }},
        {"polls succeed again", [](instance_record& r) { r.failing.failures = 0; }},
        {"seen a quarter of an hour later",
         [](instance_record& r) { r.last_seen += std::chrono::minutes(15); }},
        {"a clock that went back", [](instance_record& r) { r.last_seen -= milliseconds(1); }},
    };
    collect({&a});
    for (const auto& [what, change] : table) {
        change(self);
        EXPECT_EQ(collect({&a}).instances.size(), 1u) << what;
        EXPECT_TRUE(collect({&a}).empty()) << what;
    }
}

TEST(Fingerprint, DiffersInEveryColumn) {
    const task_record before = full_task("a");
    const std::vector<std::function<void(task_record&)>> changes{
        [](task_record& t) { t.state.reading.source_database.reset(); },
        [](task_record& t) { t.state.reading.target_database = ""; },
        [](task_record& t) { t.state.reading.status = status::yes; },
        [](task_record& t) { t.state.reading.stage = stage::wait; },
        [](task_record& t) { t.state.reading.stage_raw.reset(); },
        [](task_record& t) { t.state.reading.percentage = 0; },
        [](task_record& t) { t.state.reading.catchup_stage.reset(); },
        [](task_record& t) { t.state.reading.catchup_stage_raw = "x"; },
        [](task_record& t) { t.state.reading.catchup_percentage.reset(); },
        [](task_record& t) { t.state.reading.needs_repair = false; },
        [](task_record& t) { t.state.reading.main_task.reset(); },
        [](task_record& t) { t.state.appeared.reset(); },
        [](task_record& t) { t.state.stage_changed += milliseconds(1); },
        [](task_record& t) { t.state.status_changed += milliseconds(1); },
        [](task_record& t) { t.state.progress_changed += milliseconds(1); },
        [](task_record& t) { t.state.last_status.reset(); },
        [](task_record& t) { t.state.last_percentage = 0; },
        [](task_record& t) { t.state.abnormal_since.reset(); },
        [](task_record& t) { t.state.repair_since.reset(); },
        [](task_record& t) { t.state.last_alert += milliseconds(1); },
        [](task_record& t) { ++t.state.alerts_repeated; },
        [](task_record& t) { t.state.repair_needed = false; },
        [](task_record& t) { t.state.reason.text.reset(); },
        [](task_record& t) { t.state.reason.round.reset(); },
        [](task_record& t) { ++t.state.reason.asked; },
        [](task_record& t) { t.state.reason.answered = false; },
        [](task_record& t) { t.state.unseen_since.reset(); },
        [](task_record& t) { t.gone_since.reset(); },
    };
    const std::uint64_t print = fingerprint(before.state, before.gone_since);
    EXPECT_EQ(print, fingerprint(full_task("a").state, full_task("a").gone_since));
    for (std::size_t i = 0; i < changes.size(); ++i) {
        task_record after = before;
        changes[i](after);
        EXPECT_NE(print, fingerprint(after.state, after.gone_since)) << i;
    }
}

} // namespace
} // namespace replmond::store
