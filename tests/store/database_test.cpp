#include "daemon/store/database.hpp"
#include "daemon/store/schema.hpp"
#include "tests/store/samples.hpp"
#include "tests/store/temporary_directory.hpp"

#include <gmock/gmock.h>

namespace replmond::store {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;

struct Database : ::testing::Test {
    temporary_directory at;
    std::string path = at / "state.db";

    database open() {
        auto opened = database::open(path, noon);
        EXPECT_TRUE(opened) << opened.error().text;
        return std::move(opened.value());
    }

    static std::vector<std::uint64_t> ids(const outcome<std::vector<kept_event>>& events) {
        std::vector<std::uint64_t> found;
        for (const kept_event& event : events.value())
            found.push_back(*event.what.id);
        return found;
    }
};

TEST_F(Database, BeginsEmpty) {
    database db = open();
    EXPECT_TRUE(db.load().value().empty());
    EXPECT_EQ(db.last_event_id().value(), 0u);
    EXPECT_TRUE(db.unacknowledged().value().empty());
    EXPECT_TRUE(db.events({}).value().empty());
    EXPECT_EQ(db.set_aside(), std::nullopt);
    EXPECT_FALSE(db.prune(noon, milliseconds(1)).value());
}

TEST_F(Database, GivesBackEveryFieldAfterAReopen) {
    const kept_event of_nothing{event{"config_loaded", severity::debug, noon, "m", "p", "", "", {}, 2}, {}};
    {
        database db = open();
        batch first;
        first.instances[orders] = full_instance();
        first.instances[{"", "b"}] = instance_record();
        first.tasks[{orders, "full"}] = full_task("full");
        task_record sparse;
        sparse.state.reading.name = "任务";
        first.tasks[{orders, sparse.state.reading.name}] = sparse;
        first.events = {sample_event(1), of_nothing};
        ASSERT_TRUE(db.commit(first));
    }
    database db = open();
    const memory all = db.load().value();
    ASSERT_EQ(all.size(), 2u);
    expect_equal(all.at(orders).self, full_instance());
    expect_equal(all.at({"", "b"}).self, instance_record());
    ASSERT_EQ(all.at(orders).tasks.size(), 2u);
    expect_equal(all.at(orders).tasks.at("full"), full_task("full"));
    task_record sparse;
    sparse.state.reading.name = "任务";
    expect_equal(all.at(orders).tasks.at("任务"), sparse);
    EXPECT_THAT(db.events({}).value(), ElementsAre(of_nothing, sample_event(1)));
}

TEST_F(Database, EveryStageStatusResultAndLevelComesBack) {
    database db = open();
    batch all;
    for (const stage stage : all_stages) {
        task_record task;
        task.state.reading.name = to_string(stage);
        task.state.reading.stage = stage;
        all.tasks[{orders, task.state.reading.name}] = task;
    }
    for (const poll_result result : all_poll_results)
        all.instances[{"p", std::string(to_string(result))}].failing.said = result;
    std::uint64_t id = 0;
    for (const severity level : {severity::debug, severity::info, severity::warn, severity::error}) {
        all.events.push_back(sample_event(++id));
        all.events.back().what.level = level;
    }
    ASSERT_TRUE(db.commit(all));
    const memory loaded = db.load().value();
    for (const stage stage : all_stages)
        EXPECT_EQ(loaded.at(orders).tasks.at(std::string(to_string(stage))).state.reading.stage, stage);
    for (const poll_result result : all_poll_results)
        EXPECT_EQ(loaded.at({"p", std::string(to_string(result))}).self.failing.said, result);
    auto events = db.events({}).value();
    std::reverse(events.begin(), events.end());
    EXPECT_THAT(events, ElementsAreArray(all.events));
}

TEST_F(Database, ReplacesAndRemoves) {
    database db = open();
    batch first;
    first.tasks[{orders, "a"}] = full_task("a");
    first.tasks[{orders, "b"}] = full_task("b");
    ASSERT_TRUE(db.commit(first));
    batch second;
    second.tasks[{orders, "a"}] = std::nullopt;
    task_record changed = full_task("b");
    changed.gone_since.reset();
    second.tasks[{orders, "b"}] = changed;
    ASSERT_TRUE(db.commit(second));
    const memory all = db.load().value();
    ASSERT_EQ(all.at(orders).tasks.size(), 1u);
    expect_equal(all.at(orders).tasks.at("b"), changed);
}

TEST_F(Database, ABatchIsWrittenWholeOrNotAtAll) {
    database db = open();
    ASSERT_TRUE(connection::open(path, access::read_write)
                    .value()
                    .run("CREATE TRIGGER no BEFORE INSERT ON events BEGIN SELECT RAISE(ABORT, 'no'); END"));
    batch both;
    both.tasks[{orders, "a"}] = full_task("a");
    both.events = {sample_event(1)};
    EXPECT_FALSE(db.commit(both, 1));
    EXPECT_TRUE(db.load().value().empty());
    EXPECT_EQ(db.last_event_id().value(), 0u);
}

TEST_F(Database, CommittingAgainDoesNoHarm) {
    database db = open();
    batch events;
    events.events = {sample_event(1), sample_event(2)};
    ASSERT_TRUE(db.commit(events));
    ASSERT_TRUE(db.commit(events));
    EXPECT_THAT(ids(db.events({})), ElementsAre(2, 1));
}

TEST_F(Database, WhatWasNotAcknowledgedIsFoundAfterAReopen) {
    {
        database db = open();
        batch events;
        events.events = {sample_event(1), sample_event(2), sample_event(3)};
        ASSERT_TRUE(db.commit(events));
        EXPECT_THAT(ids(db.unacknowledged()), ElementsAre(1, 2, 3));
        ASSERT_TRUE(db.acknowledge(2));
        ASSERT_TRUE(db.acknowledge(1)); // never down
    }
    database db = open();
    EXPECT_THAT(ids(db.unacknowledged()), ElementsAre(3));
    batch more;
    more.events = {sample_event(4)};
    ASSERT_TRUE(db.commit(more, 3));
    EXPECT_THAT(ids(db.unacknowledged()), ElementsAre(4));
}

TEST_F(Database, IdsGoOnAfterAllEventsArePruned) {
    {
        database db = open();
        batch events;
        events.events = {sample_event(41), sample_event(42)};
        ASSERT_TRUE(db.commit(events, 42));
        ASSERT_FALSE(db.prune(noon + milliseconds(2), milliseconds(1)).value());
        EXPECT_TRUE(db.events({}).value().empty());
    }
    EXPECT_EQ(open().last_event_id().value(), 42u);
}

TEST_F(Database, FindsEvents) {
    database db = open();
    batch all;
    for (std::uint64_t id = 1; id <= 4; ++id)
        all.events.push_back(sample_event(id, noon + milliseconds(id)));
    all.events[1].what.task = "u";
    all.events[2].what.starrocks_instance = "renamed";
    all.events[3].of.instance_id = "another";
    ASSERT_TRUE(db.commit(all));

    EXPECT_THAT(ids(db.events({})), ElementsAre(4, 3, 2, 1));
    EXPECT_THAT(ids(db.events({.limit = 2})), ElementsAre(4, 3));
    EXPECT_THAT(ids(db.events({.since = noon + milliseconds(3)})), ElementsAre(4, 3));
    EXPECT_THAT(ids(db.events({.instance = "renamed"})), ElementsAre(3));
    EXPECT_THAT(ids(db.events({.instance = "orders"})), ElementsAre(4, 2, 1));
    EXPECT_THAT(ids(db.events({.instance = orders.instance_id})), ElementsAre(3, 2, 1));
    EXPECT_THAT(ids(db.events({.task = "u"})), ElementsAre(2));
    EXPECT_THAT(ids(db.events({.since = noon + milliseconds(2), .instance = "orders", .task = "t"})),
                ElementsAre(4));
    EXPECT_TRUE(db.events({.task = "none"}).value().empty());
}

TEST_F(Database, PrunesInSmallStepsAndTheFileShrinks) {
    database db = open();
    batch old;
    for (std::uint64_t id = 1; id <= 20'000; ++id)
        old.events.push_back(sample_event(id));
    ASSERT_TRUE(db.commit(old, 20'000));
    batch young;
    young.events = {sample_event(20'001, noon + std::chrono::hours(1))};
    ASSERT_TRUE(db.commit(young));
    connection looker = connection::open(path, access::read_only).value();
    const auto pages = looker.number("PRAGMA page_count").value();

    int steps = 1;
    std::int64_t left = 20'001;
    const timestamp now = noon + std::chrono::hours(1) + milliseconds(1);
    while (db.prune(now, std::chrono::hours(1)).value()) {
        const auto before = std::exchange(left, looker.number("SELECT count(*) FROM events").value());
        EXPECT_LE(before - left, 500);
        ASSERT_LT(++steps, 1000);
    }
    EXPECT_GE(steps, 40);
    EXPECT_THAT(ids(db.events({})), ElementsAre(20'001));
    EXPECT_LT(looker.number("PRAGMA page_count").value(), pages / 4);
}

TEST_F(Database, PrunesGoneTasksAndRemovedInstances) {
    database db = open();
    batch all;
    task_record gone = full_task("gone");
    gone.gone_since = noon + std::chrono::hours(22) - milliseconds(1);
    all.tasks[{orders, "gone"}] = gone;
    gone.gone_since = noon + std::chrono::hours(22);
    all.tasks[{orders, "just gone"}] = gone;
    gone.gone_since.reset();
    all.tasks[{orders, "there"}] = gone;
    all.tasks[{{"p", "removed"}, "there"}] = gone;
    all.instances[orders].last_seen = noon;
    all.instances[{"p", "removed"}].last_seen = noon - milliseconds(1);
    ASSERT_TRUE(db.commit(all));

    EXPECT_FALSE(db.prune(noon + std::chrono::hours(24), std::chrono::hours(1)).value());
    const memory left = db.load().value();
    ASSERT_EQ(left.size(), 1u);
    EXPECT_EQ(left.at(orders).tasks.size(), 2u);
    EXPECT_TRUE(left.at(orders).tasks.contains("just gone"));
    EXPECT_TRUE(left.at(orders).tasks.contains("there"));
}

TEST_F(Database, ReadersSeeItWhileItIsOpen) {
    database db = open();
    connection reader = open_for_reading(path).value();
    batch events;
    events.events = {sample_event(1)};
    ASSERT_TRUE(db.commit(events));
    EXPECT_EQ(reader.number("SELECT count(*) FROM events").value(), 1);
    EXPECT_FALSE(reader.run("DELETE FROM events"));
}

TEST_F(Database, IsDurableAndOpenToReaders) {
    const database db = open();
    connection reader = open_for_reading(path).value();
    auto mode = reader.prepare("PRAGMA journal_mode").value();
    ASSERT_TRUE(mode.step().value());
    EXPECT_EQ(mode.text(0), "wal");
    EXPECT_EQ(reader.number("PRAGMA auto_vacuum").value(), 2);
    EXPECT_EQ(reader.number("PRAGMA user_version").value(), static_cast<std::int64_t>(schema_steps().size()));
}

// A file of 0.1.0, written by its own statements.
TEST_F(Database, AFileOfTheFirstReleaseIsCarriedForward) {
    {
        connection file = connection::open(path, access::read_write).value();
        ASSERT_TRUE(migrate(file, schema_steps().first(3)));
        ASSERT_TRUE(file.run("INSERT INTO tasks VALUES ('pid', 'id', 't', 'shop', 'shop_sr', 'no', 'full', "
                             "NULL, 42.5, NULL, NULL, "
                             "NULL, 1, 1, 1000, 2000, 3000, 'no', 42.5, 2000, 2000, 1, 1, 'disk full', 2000, "
                             "1, 1, NULL, NULL)"));
        ASSERT_TRUE(
            file.run("INSERT INTO instances VALUES ('pid', 'id', 'prod', 'orders', 4000, 3000, 0, 0, 0, "
                     "'success', '{\"wait>full\":3}', 1)"));
    }
    const memory past = open().load().value();
    const instance_memory& of = past.at({"pid", "id"});
    EXPECT_EQ(of.self.starrocks_instance, "orders");
    EXPECT_TRUE(of.self.discovered);
    EXPECT_EQ(of.self.transitions[0][1], 3u);
    EXPECT_FALSE(of.self.note);
    const task_state& task = of.tasks.at("t").state;
    EXPECT_EQ(task.reading.percentage, 42.5);
    EXPECT_EQ(task.abnormal_since, timestamp(milliseconds(2000)));
    EXPECT_EQ(task.reason.text, "disk full");
    EXPECT_FALSE(task.appeared);
}

TEST(Batch, TheNewestStateWinsAndEventsAppend) {
    batch all;
    all.tasks[{orders, "a"}] = full_task("a");
    all.tasks[{orders, "b"}] = full_task("b");
    all.instances[orders].project = "old";
    all.events = {sample_event(1)};
    batch later;
    later.tasks[{orders, "a"}] = std::nullopt;
    later.instances[orders].project = "new";
    later.events = {sample_event(2), sample_event(3)};
    all.merge(later);
    EXPECT_EQ(all.tasks.size(), 2u);
    EXPECT_FALSE((all.tasks[{orders, "a"}].has_value()));
    EXPECT_EQ(all.instances[orders].project, "new");
    EXPECT_THAT(all.events, ElementsAre(sample_event(1), sample_event(2), sample_event(3)));
}

} // namespace
} // namespace replmond::store
