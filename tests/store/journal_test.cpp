#include "daemon/store/journal.hpp"
#include "tests/store/samples.hpp"
#include "tests/store/temporary_directory.hpp"

#include <gmock/gmock.h>

#include <future>

namespace replmond::store {
namespace {

using ::testing::ElementsAre;

/// A sink that can be stuck, and a loop that runs when asked.
class stage_set {
public:
    journal_callbacks callbacks() {
        return {[this](const event& e) { print(e); },
                [this](std::function<void()> task) { post(std::move(task)); }, [this] { ++write_errors; },
                [] { return noon; }};
    }
    void stick() {
        const std::lock_guard lock(mutex_);
        stuck_ = true;
    }
    void release() {
        const std::lock_guard lock(mutex_);
        stuck_ = false;
        changed_.notify_all();
    }
    void wait_until_stuck() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return waiting_; });
    }
    void wait_for_lines(std::size_t count) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return lines_.size() >= count; });
    }
    std::vector<event> lines() {
        const std::lock_guard lock(mutex_);
        return lines_;
    }
    /// Runs what was posted, waiting for it.
    void run_one() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return !posted_.empty(); });
        const auto task = std::move(posted_.front());
        posted_.pop_front();
        lock.unlock();
        task();
    }

    int write_errors = 0;

private:
    void print(const event& e) {
        std::unique_lock lock(mutex_);
        waiting_ = stuck_;
        changed_.notify_all();
        changed_.wait(lock, [this] { return !stuck_; });
        waiting_ = false;
        lines_.push_back(e);
        changed_.notify_all();
    }
    void post(std::function<void()> task) {
        const std::lock_guard lock(mutex_);
        posted_.push_back(std::move(task));
        changed_.notify_all();
    }

    std::mutex mutex_;
    std::condition_variable changed_;
    bool stuck_ = false;
    bool waiting_ = false;
    std::vector<event> lines_;
    std::deque<std::function<void()>> posted_;
};

constexpr auto long_enough = std::chrono::seconds(60);

struct Journal : ::testing::Test {
    temporary_directory at;
    std::string path = at / "state.db";
    std::shared_ptr<stage_set> set = std::make_shared<stage_set>();

    database file() { return database::open(path, noon).value(); }

    static batch one_event(const std::string& task = "t") {
        batch what;
        what.events = {sample_event(0)};
        what.events.front().what.task = task;
        return what;
    }
    static std::vector<std::uint64_t> ids(const std::vector<event>& lines) {
        std::vector<std::uint64_t> found;
        for (const event& e : lines)
            found.push_back(e.id.value_or(0));
        return found;
    }
};

TEST_F(Journal, NumbersStoresAndPrints) {
    {
        journal j(file(), {}, set->callbacks());
        EXPECT_EQ(j.record(one_event()).at(0).what.id, 1u);
        j.log(plain_event("plain"));
        batch two = one_event("u");
        two.events.push_back(sample_event(0));
        two.tasks[{orders, "a"}] = full_task("a");
        const auto numbered = j.record(two);
        EXPECT_EQ(numbered.at(0).what.id, 2u);
        EXPECT_EQ(numbered.at(1).what.id, 3u);
        EXPECT_TRUE(j.record({}).empty());
        EXPECT_TRUE(j.stop(long_enough));
        EXPECT_TRUE(j.stop(long_enough)); // once is enough
        EXPECT_EQ(j.depth().lines, 0u);
    }
    EXPECT_THAT(ids(set->lines()), ElementsAre(1, 0, 2, 3));
    database db = file();
    EXPECT_EQ(db.events({}).value().size(), 3u);
    EXPECT_EQ(db.load().value().at(orders).tasks.size(), 1u);
    EXPECT_TRUE(db.unacknowledged().value().empty());
}

TEST_F(Journal, IdsGoOnAfterARestart) {
    for (std::uint64_t id = 1; id <= 3; ++id) {
        journal j(file(), {}, set->callbacks());
        EXPECT_EQ(j.record(one_event()).at(0).what.id, id);
        EXPECT_TRUE(j.stop(long_enough));
    }
    EXPECT_THAT(ids(set->lines()), ElementsAre(1, 2, 3));
}

TEST_F(Journal, AStuckSinkHoldsUpTheWorkerOnly) {
    set->stick();
    journal j(file(), {}, set->callbacks());
    j.record(one_event());
    set->wait_until_stuck();
    for (int i = 0; i < 1000; ++i)
        j.record(one_event());
    j.log(plain_event("plain"));
    EXPECT_EQ(j.depth().lines, 1002u);
    EXPECT_TRUE(set->lines().empty());
    set->release();
    EXPECT_TRUE(j.stop(long_enough));
    EXPECT_EQ(set->lines().size(), 1002u);
    EXPECT_EQ(j.depth().lines, 0u);
}

TEST_F(Journal, WhatWaitedIsOneTransaction) {
    set->stick();
    journal j(file(), {}, set->callbacks());
    j.record(one_event());
    set->wait_until_stuck();
    connection reader = open_for_reading(path).value();
    for (int i = 0; i < 50; ++i) {
        batch what = one_event();
        what.tasks[{orders, "a"}] = full_task("a");
        what.tasks[{orders, "a"}]->state.alerts_repeated = i;
        j.record(what);
    }
    EXPECT_EQ(reader.number("SELECT count(*) FROM events").value(), 1);
    set->release();
    set->wait_for_lines(2); // committed before any of them was printed
    EXPECT_EQ(reader.number("SELECT count(*) FROM events").value(), 51);
    EXPECT_EQ(reader.number("SELECT alerts_repeated FROM tasks").value(), 49);
    EXPECT_TRUE(j.stop(long_enough));
}

TEST_F(Journal, OverflowDropsPlainLinesAndCountsThem) {
    journal_settings settings;
    settings.waiting.plain = 3;
    set->stick();
    journal j(file(), settings, set->callbacks());
    j.record(one_event());
    set->wait_until_stuck();
    for (int i = 0; i < 10; ++i) {
        j.log(plain_event("plain"));
        j.record(one_event());
    }
    EXPECT_EQ(j.depth().dropped_lines, 7u);
    EXPECT_EQ(j.depth().dropped_events, 0u);
    set->release();
    EXPECT_TRUE(j.stop(long_enough));
    EXPECT_EQ(set->lines().size(), 1u + 3 + 10 + 1);
    EXPECT_EQ(set->lines().back().name, "lines_dropped");
    EXPECT_EQ(j.depth().dropped_lines, 7u);
}

TEST_F(Journal, AnswersOnTheLoop) {
    journal j(file(), {}, set->callbacks());
    j.record(one_event("t"));
    j.record(one_event("u"));
    std::vector<kept_event> found;
    set->wait_for_lines(2);
    j.find({.task = "u"}, [&](const auto& events) { found = events.value(); });
    set->run_one();
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found.front().what.id, 2u);
    EXPECT_TRUE(j.stop(long_enough));
}

TEST_F(Journal, FailedWritesAreToldToTheLoop) {
    database db = file();
    ASSERT_TRUE(
        connection::open(path, access::read_write)
            .value()
            .run("CREATE TRIGGER no BEFORE INSERT ON events BEGIN SELECT RAISE(FAIL, 'broken'); END"));
    journal j(std::move(db), {}, set->callbacks());
    j.record(one_event());
    set->run_one();
    EXPECT_EQ(set->write_errors, 1);
    set->wait_for_lines(2);
    EXPECT_EQ(set->lines().front().name, "state_write_failed");
    EXPECT_TRUE(j.stop(long_enough));
}

TEST_F(Journal, StopsInTimeThoughTheSinkIsStuck) {
    set->stick();
    {
        journal j(file(), {}, set->callbacks());
        j.record(one_event());
        set->wait_until_stuck();
        EXPECT_FALSE(j.stop(milliseconds(1)));
    }
    // The worker lives on; let it end before the test does.
    set->release();
    set->wait_for_lines(1);
    while (database::open(path, noon).has_error())
        std::this_thread::yield();
}

// Stored all the same; the next start prints it.
TEST_F(Journal, WhatAStuckSinkHoldsUpIsStored) {
    set->stick();
    {
        journal j(file(), {}, set->callbacks());
        j.record(one_event());
        set->wait_until_stuck();
        batch more = one_event();
        more.tasks[{orders, "a"}] = full_task("a");
        j.record(more);
        j.record(one_event());
        j.log(plain_event("plain"));
        EXPECT_FALSE(j.stop(milliseconds(1)));
        EXPECT_EQ(j.left().not_printed, 4u);
        EXPECT_TRUE(j.left().not_stored.nothing());
        connection reader = open_for_reading(path).value();
        EXPECT_EQ(reader.number("SELECT count(*) FROM events").value(), 3);
        EXPECT_EQ(reader.number("SELECT count(*) FROM tasks").value(), 1);
    }
    set->release();
    set->wait_for_lines(1);
    while (database::open(path, noon).has_error())
        std::this_thread::yield();
    EXPECT_THAT(ids(set->lines()), ElementsAre(1)); // it does not go on after the end
    journal next(file(), {}, set->callbacks());
    EXPECT_TRUE(next.stop(long_enough));
    EXPECT_THAT(ids(set->lines()), ElementsAre(1, 1, 2, 3));
    EXPECT_TRUE(next.left().nothing());
}

TEST_F(Journal, SaysWhatAnotherProgramKeptItFromStoring) {
    journal j(file(), {}, set->callbacks());
    j.record(one_event());
    set->wait_for_lines(1);
    connection other = connection::open(path, access::read_write).value();
    ASSERT_TRUE(other.run("BEGIN IMMEDIATE"));
    batch more = one_event();
    more.tasks[{orders, "a"}] = full_task("a");
    j.record(more);
    j.record(one_event());
    j.stop(milliseconds(1));
    EXPECT_EQ(j.left().not_stored.events, 2u);
    EXPECT_EQ(j.left().not_stored.states, 1u);
    ASSERT_TRUE(other.run("ROLLBACK"));
    while (database::open(path, noon).has_error())
        std::this_thread::yield();
}

TEST_F(Journal, TellsTheLoopThatTheFileIsANewOne) {
    journal_callbacks callbacks = set->callbacks();
    int anew = 0;
    callbacks.begun_anew = [&] { ++anew; };
    journal j(file(), {}, std::move(callbacks));
    ASSERT_TRUE(connection::open(path, access::read_write).value().run("DROP TABLE events"));
    const auto given = j.record(one_event());
    set->run_one();
    set->run_one();
    EXPECT_EQ(set->write_errors, 1);
    EXPECT_EQ(anew, 1);
    j.store_again({given.begin(), given.end()});
    EXPECT_TRUE(j.stop(long_enough));
    ASSERT_EQ(set->lines().size(), 2u);
    EXPECT_EQ(set->lines().front().name, "state_set_aside");
    EXPECT_EQ(file().events({}).value().size(), 1u);
}

TEST_F(Journal, WithoutAFile) {
    journal j(std::nullopt, {}, set->callbacks());
    EXPECT_EQ(j.record(one_event()).at(0).what.id, 1u);
    std::promise<bool> empty;
    j.find({}, [&](const auto& events) { empty.set_value(events.value().empty()); });
    set->run_one();
    EXPECT_TRUE(empty.get_future().get());
    EXPECT_TRUE(j.stop(long_enough));
    EXPECT_THAT(ids(set->lines()), ElementsAre(1));
}

TEST_F(Journal, ReplaysFirst) {
    {
        database db = file();
        batch what;
        what.events = {sample_event(7)};
        ASSERT_TRUE(db.commit(what));
    }
    journal j(file(), {}, set->callbacks());
    j.record(one_event());
    EXPECT_TRUE(j.stop(long_enough));
    const auto lines = set->lines();
    EXPECT_THAT(ids(lines), ElementsAre(7, 8));
    EXPECT_NE(lines[0].find("replayed"), nullptr);
    EXPECT_EQ(lines[1].find("replayed"), nullptr);
}

} // namespace
} // namespace replmond::store
