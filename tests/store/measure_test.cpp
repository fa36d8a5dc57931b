#include "daemon/store/journal.hpp"
#include "daemon/store/saved_instance.hpp"
#include "tests/store/samples.hpp"
#include "tests/store/temporary_directory.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <iostream>

// Figures, not verdicts: run a release build with
//   store_tests --gtest_also_run_disabled_tests --gtest_filter='Measure.*'

namespace replmond::store {
namespace {

double seconds_of(const std::function<void()>& work) {
    const auto began = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
}

std::string instance_id(int number) {
    return fmt::format("{:032x}in17", number);
}

batch tasks_of(int instances, int tasks) {
    batch all;
    for (int i = 0; i < instances; ++i) {
        const instance_key key{orders.project_id, instance_id(i)};
        all.instances[key] = full_instance();
        for (int t = 0; t < tasks; ++t) {
            task_record task;
            task.state.reading.name = fmt::format("task_number_{:03}", t);
            task.state.reading.source_database = task.state.reading.target_database = "some_database";
            task.state.reading.stage = stage::incremental;
            task.state.reading.status = task.state.last_status = status::yes;
            task.state.reading.percentage = task.state.last_percentage = 100;
            task.state.reading.main_task = true;
            task.state.stage_changed = task.state.status_changed = task.state.progress_changed = noon;
            all.tasks[{key, task.state.reading.name}] = task;
        }
    }
    return all;
}

batch events_of(std::uint64_t first, std::uint64_t count) {
    batch all;
    for (std::uint64_t id = first; id < first + count; ++id)
        all.events.push_back(sample_event(id));
    return all;
}

void log(const std::string& line) {
    std::cout << "    " << line << std::endl;
}

TEST(Measure, DISABLED_HundredThousandTasks) {
    const temporary_directory at;
    const std::string path = at / "state.db";
    const batch all = tasks_of(1000, 100);
    {
        database db = database::open(path, noon).value();
        log(fmt::format("first commit of 100,000 tasks: {:.2f} s",
                        seconds_of([&] { db.commit(all).value(); })));
        log(fmt::format("and again: {:.2f} s", seconds_of([&] { db.commit(all).value(); })));
    }
    log(fmt::format("bytes a task: {}", std::filesystem::file_size(path) / 100'000));
    std::optional<database> db;
    log(fmt::format("open with its check: {:.2f} s",
                    seconds_of([&] { db.emplace(database::open(path, noon).value()); })));
    log(fmt::format("load: {:.2f} s", seconds_of([&] { EXPECT_EQ(db->load().value().size(), 1000u); })));

    std::vector<task_view> views;
    for (const auto& [key, task] : all.tasks)
        views.push_back({&task->state, {}});
    saved_instance saved(orders);
    batch changes;
    saved.collect(full_instance(), {views.begin(), views.begin() + 100}, thoroughness::changes_only, changes);
    const double time = seconds_of([&] {
        for (int i = 0; i < 1000; ++i)
            saved.collect(full_instance(), {views.begin(), views.begin() + 100}, thoroughness::changes_only,
                          changes);
    });
    log(fmt::format("looking for changes in 100 tasks where there are none: {:.0f} us", time * 1000));
}

TEST(Measure, DISABLED_AMillionEvents) {
    const temporary_directory at;
    const std::string path = at / "state.db";
    {
        database db = database::open(path, noon).value();
        for (std::uint64_t first = 1; first < 1'000'000; first += 100'000)
            db.commit(events_of(first, 100'000), first).value();
        const double one = seconds_of([&] {
            for (std::uint64_t i = 0; i < 200; ++i) {
                db.commit(events_of(1'000'001 + i, 1), 1'000'000 + i).value();
                db.acknowledge(1'000'001 + i).value();
            }
        });
        log(fmt::format("one event, committed and acknowledged: {:.2f} ms", one / 200 * 1000));
    }
    log(fmt::format("bytes an event: {}", std::filesystem::file_size(path) / 1'000'000));
    std::optional<database> db;
    log(fmt::format("open with its check: {:.2f} s",
                    seconds_of([&] { db.emplace(database::open(path, noon).value()); })));
    log(fmt::format("the newest 100: {:.4f} s", seconds_of([&] { db->events({}).value(); })));
    event_query rare;
    rare.task = "none";
    log(fmt::format("a task without events: {:.2f} s", seconds_of([&] { db->events(rare).value(); })));
    log(fmt::format("one step of pruning: {:.1f} ms",
                    seconds_of([&] { db->prune(noon + milliseconds(2), milliseconds(1)).value(); }) * 1000));
}

TEST(Measure, DISABLED_EventsASecondThroughTheJournal) {
    const temporary_directory at;
    std::size_t lines = 0;
    journal_callbacks callbacks{[&](const event&) { ++lines; }, [](const std::function<void()>&) {}, [] {},
                                [] { return noon; }};
    journal j(database::open(at / "state.db", noon).value(), {}, callbacks);
    const double time = seconds_of([&] {
        for (int i = 0; i < 90'000; ++i)
            j.record(events_of(0, 1));
        EXPECT_TRUE(j.stop(std::chrono::seconds(60)));
    });
    EXPECT_EQ(lines, 90'000u);
    log(fmt::format("{:.0f} events a second, committed, printed, acknowledged", 90'000 / time));
}

} // namespace
} // namespace replmond::store
