#include "daemon/cli/record_keeper.hpp"
#include "daemon/store/database.hpp"
#include "tests/store/temporary_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

/// What is given to the journal and comes back after a restart: a journal on a real file, no sockets.
namespace replmond::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using std::chrono_literals::operator""s;
using std::chrono_literals::operator""h;

constexpr timestamp noon{milliseconds(1'800'014'400'000)};
constexpr auto instance_id = "0a1b2c3d4e5f60718293a4b5c6d7e8f9in17";

event named(const char* name, const char* task = "") {
    event e;
    e.name = name;
    e.time = noon;
    e.message = "m";
    e.task = task;
    return e;
}

// An instance as the monitor has it.
struct watched {
    instance_state state;
    failing_run failing;
    departed_tasks departed;

    explicit watched(const char* project_id = "p1") {
        state.identity.project = "prod";
        state.identity.project_id = project_id;
        state.identity.name = "orders";
        state.identity.id = instance_id;
    }

    task_state& with_task(const std::string& name, timestamp since = noon) {
        task_state& task = state.tasks[name];
        task.reading.name = name;
        task.reading.stage = stage::incremental;
        task.stage_changed = task.status_changed = task.progress_changed = since;
        return task;
    }

    monitor::instance_view view() const { return {state, failing, departed}; }
};

// One run of the daemon after the other, all with one file.
class RecordKeeper : public ::testing::Test {
protected:
    RecordKeeper() { start(); }

    void start() {
        auto past = open_journal();
        keeper_.emplace(std::move(past), std::vector<store::kept_event>(), *journal_);
    }

    // In the place of the one before, where there was one: a keeper goes on with it.
    store::memory open_journal() {
        auto file = store::database::open(directory_ / "state.db", noon);
        EXPECT_TRUE(file) << file.error().text;
        auto past = file->load().value();
        store::journal_ports ports;
        ports.print = [this](const event& line) { printed_.push_back(line.name); };
        ports.post = [](const std::function<void()>&) {};
        ports.write_failed = [] {};
        ports.now = [] { return noon; };
        journal_.emplace(std::move(*file), store::journal_settings(), std::move(ports));
        return past;
    }

    void restart() {
        ASSERT_TRUE(journal_->stop(30s));
        keeper_.reset();
        journal_.reset();
        start();
    }

    store::memory stored() {
        restart();
        EXPECT_TRUE(journal_->stop(30s));
        keeper_.reset();
        journal_.reset();
        return store::database::open(directory_ / "state.db", noon)->load().value();
    }

    std::optional<instance_past> recall(const watched& of) { return keeper_->recall(of.state.identity); }

    store::temporary_directory directory_;
    std::vector<std::string> printed_; // written on the worker; read after stop()
    std::optional<store::journal> journal_;
    std::optional<record_keeper> keeper_;
};

TEST_F(RecordKeeper, KnowsNothingOfANewInstance) {
    EXPECT_FALSE(recall(watched()));
}

TEST_F(RecordKeeper, GivesBackWhatWasKnown) {
    watched orders;
    orders.state.last_poll = orders.state.last_success = noon;
    orders.state.counters.transitions[1][2] = 7;
    orders.failing = {3, noon - 1h, noon - 30s, poll_result::timeout};
    orders.with_task("t1", noon - 2h).abnormal_since = noon - 1h;
    orders.departed["t2"] = {orders.with_task("t2", noon - 3h), noon - 30s};
    orders.state.tasks.erase("t2");
    keeper_->record(orders.view(), {named("replication_abnormal", "t1")}, noon);
    restart();

    const auto past = recall(orders);
    ASSERT_TRUE(past);
    EXPECT_EQ(past->last_success, noon);
    EXPECT_EQ(past->transitions[1][2], 7U);
    EXPECT_EQ(past->failing, orders.failing);
    ASSERT_EQ(past->tasks.size(), 1U);
    EXPECT_EQ(past->tasks.at("t1").stage_changed, noon - 2h);
    EXPECT_EQ(past->tasks.at("t1").abnormal_since, noon - 1h);
    ASSERT_EQ(past->departed.size(), 1U);
    EXPECT_EQ(past->departed.at("t2").at, noon - 30s);
    EXPECT_EQ(past->departed.at("t2").state.stage_changed, noon - 3h);
    EXPECT_FALSE(recall(orders)); // it is the monitor's now
}

TEST_F(RecordKeeper, NumbersGoOnOverARestart) {
    watched orders;
    keeper_->record(orders.view(), {named("a"), named("b")}, noon);
    keeper_->record(named("instance_discovered"), orders.state.identity);
    restart();
    keeper_->record(orders.view(), {named("c")}, noon);
    ASSERT_EQ(keeper_->latest().size(), 1U);
    EXPECT_EQ(keeper_->latest().back().what.id, 4U);
    EXPECT_EQ(keeper_->latest().back().of.instance_id, instance_id);
    EXPECT_EQ(keeper_->latest().back().of.project_id, "p1");
    ASSERT_TRUE(journal_->stop(30s));
    EXPECT_THAT(printed_, ElementsAre("a", "b", "instance_discovered", "c"));
}

TEST_F(RecordKeeper, ARenamedInstanceIsTheSame) {
    watched orders;
    orders.state.last_poll = noon;
    orders.with_task("t1");
    keeper_->record(orders.view(), {}, noon);
    restart();
    watched renamed;
    renamed.state.identity.name = "another";
    renamed.state.identity.project = "another";
    ASSERT_TRUE(recall(renamed));
}

TEST_F(RecordKeeper, IsNotTakenForThatOfAnotherProject) {
    watched orders;
    orders.state.last_poll = noon;
    keeper_->record(orders.view(), {}, noon);
    restart();
    EXPECT_FALSE(recall(watched("p2")));
    EXPECT_TRUE(recall(orders));
}

TEST_F(RecordKeeper, IsFoundByItsIdWhileTheProjectIsNotKnown) {
    watched orders;
    orders.state.last_poll = noon;
    orders.with_task("t1");
    keeper_->record(orders.view(), {}, noon);
    restart();
    const auto past = recall(watched(""));
    ASSERT_TRUE(past);
    EXPECT_EQ(past->tasks.size(), 1U);
}

TEST_F(RecordKeeper, TwoProjectsWithOneIdWaitForTheProject) {
    for (const char* project : {"p1", "p2"}) {
        watched orders(project);
        orders.state.last_poll = noon;
        orders.with_task(std::string("of ") + project);
        keeper_->record(orders.view(), {}, noon);
    }
    restart();
    EXPECT_FALSE(recall(watched("")));
    const auto past = recall(watched("p2"));
    ASSERT_TRUE(past);
    EXPECT_TRUE(past->tasks.contains("of p2"));
}

// Its credential is refused at start, so that nobody says which project it is: what failed is still its own.
TEST_F(RecordKeeper, KeepsTheRunOfFailuresBeforeTheProjectIsKnownAgain) {
    watched orders;
    orders.state.last_poll = noon;
    orders.with_task("t1");
    keeper_->record(orders.view(), {}, noon);
    restart();

    watched unknown("");
    ASSERT_TRUE(recall(unknown));
    unknown.state.last_poll = noon;
    unknown.with_task("t1");
    unknown.failing = {1, noon, noon, poll_result::auth};
    keeper_->record(unknown.view(), {named("poll_failed")}, noon);
    EXPECT_EQ(keeper_->latest().back().of.project_id, "p1");
    restart();
    const auto past = recall(unknown);
    ASSERT_TRUE(past);
    EXPECT_EQ(past->failing, unknown.failing);
    EXPECT_EQ(past->tasks.size(), 1U);
}

TEST_F(RecordKeeper, WritesNothingBeforeTheFirstPoll) {
    watched orders;
    orders.with_task("t1");
    keeper_->record(orders.view(), {}, noon);
    EXPECT_THAT(stored(), IsEmpty());
}

TEST_F(RecordKeeper, APollThatSawNothingNewIsNotWritten) {
    watched orders;
    orders.state.last_poll = orders.state.last_success = noon;
    orders.with_task("t1");
    keeper_->record(orders.view(), {}, noon);
    orders.state.last_success = noon + 1s;
    keeper_->record(orders.view(), {}, noon + 1s);
    const auto all = stored();
    ASSERT_EQ(all.size(), 1U);
    EXPECT_EQ(all.begin()->second.self.last_success, noon);
}

TEST_F(RecordKeeper, TheEndWritesAll) {
    watched orders;
    orders.state.last_poll = orders.state.last_success = noon;
    keeper_->record(orders.view(), {}, noon);
    orders.state.last_success = noon + 1s;
    keeper_->finish(orders.view(), noon + 1s);
    EXPECT_EQ(stored().begin()->second.self.last_success, noon + 1s);
}

TEST_F(RecordKeeper, ARemovedInstanceKeepsWhatIsKnown) {
    watched orders;
    orders.state.last_poll = noon;
    orders.with_task("t1", noon - 2h);
    keeper_->record(orders.view(), {}, noon);
    keeper_->forget(orders.view(), noon);
    const auto past = recall(orders); // within the run
    ASSERT_TRUE(past);
    EXPECT_EQ(past->tasks.at("t1").stage_changed, noon - 2h);
    restart(); // and over it
    ASSERT_TRUE(recall(orders));
}

// Recalled, and taken out again before a poll of it ended: nothing was written, nothing is lost.
TEST_F(RecordKeeper, RemovedBeforeItsFirstPollItIsStillKnown) {
    watched orders;
    orders.state.last_poll = noon;
    orders.with_task("t1");
    keeper_->record(orders.view(), {}, noon);
    restart();
    ASSERT_TRUE(recall(orders));
    orders.state.last_poll.reset();
    keeper_->forget(orders.view(), noon);
    const auto past = recall(orders);
    ASSERT_TRUE(past);
    EXPECT_TRUE(past->tasks.contains("t1"));
}

// Else it would be discovered again by a start before its first poll.
TEST_F(RecordKeeper, ADiscoveredInstanceIsKnownBeforeItsFirstPoll) {
    keeper_->record_discovered(named("instance_discovered"), watched().state.identity, noon);
    restart();
    EXPECT_THAT(keeper_->discovered("prod", "p1"), ElementsAre(std::pair(instance_id, "orders")));
}

TEST_F(RecordKeeper, DiscoveredAgainItKeepsItsCounts) {
    watched orders;
    orders.state.last_poll = noon;
    orders.state.counters.transitions[1][2] = 3;
    orders.with_task("t1");
    keeper_->record(orders.view(), {}, noon);
    keeper_->forget(orders.view(), noon);
    keeper_->record_discovered(named("instance_discovered"), orders.state.identity, noon + 1s);
    restart();
    EXPECT_THAT(keeper_->discovered("prod", "p1"), ElementsAre(std::pair(instance_id, "orders")));
    const auto past = recall(orders);
    ASSERT_TRUE(past);
    EXPECT_EQ(past->transitions[1][2], 3U);
    EXPECT_TRUE(past->tasks.contains("t1"));
}

// The machine slept: meanwhile its rows may have been taken for those of one that nobody watches any more.
TEST_F(RecordKeeper, WritesAllAgainAfterALongTime) {
    watched orders;
    orders.state.last_poll = noon;
    orders.with_task("t1");
    keeper_->record(orders.view(), {}, noon);
    ASSERT_TRUE(journal_->stop(30s));
    journal_.reset();
    const timestamp awake = noon + 40 * 24h;
    ASSERT_FALSE(store::database::open(directory_ / "state.db", noon)->prune(awake, 30 * 24h).value());
    ASSERT_THAT(open_journal(), IsEmpty());
    auto view = orders.view();
    view.tasks_changed = false;
    keeper_->record(view, {}, awake);
    restart();
    const auto past = recall(orders);
    ASSERT_TRUE(past);
    EXPECT_TRUE(past->tasks.contains("t1"));
}

// Discovered instances may come and go for ever.
TEST_F(RecordKeeper, TheDepartedAreBounded) {
    watched one;
    const auto forget = [&](std::size_t number) {
        one.state.identity.id = std::to_string(number);
        keeper_->forget(one.view(), noon);
    };
    for (std::size_t i = 0; i <= record_keeper::most_departed_instances; ++i)
        forget(i);
    forget(1); // it came back, and went again: not the oldest any more
    one.state.identity.id = "0";
    EXPECT_FALSE(recall(one));
    for (const auto* kept : {"1", "2", "10000"}) {
        one.state.identity.id = kept;
        EXPECT_TRUE(recall(one)) << kept;
    }
}

TEST_F(RecordKeeper, TheTasksOfTheDepartedAreBounded) {
    watched one;
    for (int i = 0; i < 10'000; ++i)
        one.with_task("t" + std::to_string(i));
    const std::size_t most = record_keeper::most_departed_tasks / one.state.tasks.size();
    for (std::size_t i = 0; i <= most; ++i) {
        one.state.identity.id = std::to_string(i);
        keeper_->forget(one.view(), noon);
    }
    one.state.identity.id = "0";
    EXPECT_FALSE(recall(one));
    one.state.identity.id = "1";
    EXPECT_TRUE(recall(one));
}

TEST_F(RecordKeeper, TheLatestEventsAreBounded) {
    watched orders;
    for (int batch = 0; batch < 101; ++batch)
        keeper_->record(orders.view(), std::vector<event>(100, named("a")), noon);
    EXPECT_EQ(keeper_->latest().size(), 10'000U);
    EXPECT_EQ(keeper_->latest().back().what.id, 10'100U);
    EXPECT_EQ(keeper_->latest().front().what.id, 101U);
}

TEST_F(RecordKeeper, KeepsNoMoreBytesOfEventsThanItMay) {
    event large = named("poll_failed");
    large.with("error_msg", std::string(1024 * 1024, 'x'));
    for (int i = 0; i < 20; ++i)
        keeper_->record(large, watched().state.identity);
    EXPECT_EQ(keeper_->latest().size(), 15u);
    EXPECT_EQ(keeper_->latest().back().what.id, 20u);
}

// The state file was damaged while the daemon ran: what is in memory is written to the new one.
TEST_F(RecordKeeper, WritesAllAgainToANewFile) {
    watched orders;
    orders.state.last_poll = orders.state.last_success = noon;
    orders.state.counters.transitions[1][2] = 7;
    orders.with_task("t1", noon - 2h);
    orders.departed["t2"] = {orders.with_task("t2", noon - 3h), noon - 30s};
    orders.state.tasks.erase("t2");
    keeper_->record(orders.view(), {named("task_discovered", "t1")}, noon);
    ASSERT_TRUE(journal_->stop(30s));
    journal_.reset();
    const std::string path = directory_ / "state.db";
    ASSERT_TRUE(store::database::open(path, noon)->begin_anew({store::trouble::corrupt, "damaged"}, 1, noon));
    open_journal();

    keeper_->write_again();
    auto view = orders.view();
    view.tasks_changed = false; // a poll that failed, say
    keeper_->record(view, {}, noon + 1s);
    keeper_->record(view, {}, noon + 2s);
    const auto memory = stored();
    ASSERT_EQ(memory.size(), 1U);
    EXPECT_EQ(memory.begin()->second.self.transitions[1][2], 7U);
    ASSERT_EQ(memory.begin()->second.tasks.size(), 2U);
    EXPECT_EQ(memory.begin()->second.tasks.at("t1").state.stage_changed, noon - 2h);
    EXPECT_EQ(memory.begin()->second.tasks.at("t2").gone_since, noon - 30s);
    const auto events = store::database::open(path, noon)->events({}).value();
    ASSERT_EQ(events.size(), 1U);
    EXPECT_EQ(events.front().what.name, "task_discovered");
}

} // namespace
} // namespace replmond::cli
