#include "daemon/core/model/event.hpp"
#include "daemon/service/state_recorder.hpp"
#include "daemon/store/database.hpp"
#include "tests/store/temporary_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <fstream>
#include <memory>
#include <random>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

/// What is given to the journal and comes back after a restart: a journal on a real file, no sockets.
namespace replmond::service {

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

    monitor::instance_view view() const { return {state, failing}; }
};

// One run of the daemon after the other, all with one file.
class StateRecorder : public ::testing::Test {
protected:
    StateRecorder() { start(); }

    void start() {
        auto past = open_journal();
        recorder_.emplace(std::move(past), std::vector<store::kept_event>(), *journal_);
    }

    // In the place of the one before, where there was one: a recorder goes on with it.
    store::memory open_journal() {
        auto file = store::database::open(directory_ / "state.db", noon);
        EXPECT_TRUE(file) << file.error().text;
        auto past = file->load().value();
        store::journal_callbacks callbacks;
        callbacks.print = [this](const event& line) { printed_.push_back(line.name); };
        callbacks.post = [](const std::function<void()>&) {};
        callbacks.write_failed = [] {};
        callbacks.now = [] { return noon; };
        journal_.emplace(std::move(*file), store::journal_settings(), std::move(callbacks));
        return past;
    }

    void restart() {
        ASSERT_TRUE(journal_->stop(30s));
        recorder_.reset();
        journal_.reset();
        start();
    }

    store::memory stored() {
        restart();
        EXPECT_TRUE(journal_->stop(30s));
        recorder_.reset();
        journal_.reset();
        return store::database::open(directory_ / "state.db", noon)->load().value();
    }

    std::optional<instance_past> recall(const watched& of) { return recorder_->recall(of.state.identity); }

    store::temporary_directory directory_;
    std::vector<std::string> printed_; // written on the worker; read after stop()
    std::optional<store::journal> journal_;
    std::optional<state_recorder> recorder_;
};

TEST_F(StateRecorder, KnowsNothingOfANewInstance) {
    EXPECT_FALSE(recall(watched()));
}

TEST_F(StateRecorder, GivesBackWhatWasKnown) {
    watched orders;
    orders.state.last_poll = orders.state.last_success = noon;
    orders.state.counters.transitions[1][2] = 7;
    orders.failing = {3, noon - 1h, noon - 30s, poll_result::timeout};
    orders.with_task("t1", noon - 2h).abnormal_since = noon - 1h;
    orders.state.departed["t2"] = {orders.with_task("t2", noon - 3h), noon - 30s};
    orders.state.tasks.erase("t2");
    recorder_->record(orders.view(), {named("replication_abnormal", "t1")}, noon);
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

TEST_F(StateRecorder, NumbersGoOnOverARestart) {
    watched orders;
    recorder_->record(orders.view(), {named("a"), named("b")}, noon);
    recorder_->record(named("instance_discovered"), orders.state.identity);
    restart();
    recorder_->record(orders.view(), {named("c")}, noon);
    ASSERT_EQ(recorder_->latest().size(), 1U);
    EXPECT_EQ(recorder_->latest().back().what.id, 4U);
    EXPECT_EQ(recorder_->latest().back().of.instance_id, instance_id);
    EXPECT_EQ(recorder_->latest().back().of.project_id, "p1");
    ASSERT_TRUE(journal_->stop(30s));
    EXPECT_THAT(printed_, ElementsAre("a", "b", "instance_discovered", "c"));
}

TEST_F(StateRecorder, ARenamedInstanceIsTheSame) {
    watched orders;
    orders.state.last_poll = noon;
    orders.with_task("t1");
    recorder_->record(orders.view(), {}, noon);
    restart();
    watched renamed;
    renamed.state.identity.name = "another";
    renamed.state.identity.project = "another";
    ASSERT_TRUE(recall(renamed));
}

TEST_F(StateRecorder, IsNotTakenForThatOfAnotherProject) {
    watched orders;
    orders.state.last_poll = noon;
    recorder_->record(orders.view(), {}, noon);
    restart();
    EXPECT_FALSE(recall(watched("p2")));
    EXPECT_TRUE(recall(orders));
}

TEST_F(StateRecorder, IsFoundByItsIdWhileTheProjectIsNotKnown) {
    watched orders;
    orders.state.last_poll = noon;
    orders.with_task("t1");
    recorder_->record(orders.view(), {}, noon);
    restart();
    const auto past = recall(watched(""));
    ASSERT_TRUE(past);
    EXPECT_EQ(past->tasks.size(), 1U);
}

TEST_F(StateRecorder, TwoProjectsWithOneIdWaitForTheProject) {
    for (const char* project : {"p1", "p2"}) {
        watched orders(project);
        orders.state.last_poll = noon;
        orders.with_task(std::string("of ") + project);
        recorder_->record(orders.view(), {}, noon);
    }
    restart();
    EXPECT_FALSE(recall(watched("")));
    const auto past = recall(watched("p2"));
    ASSERT_TRUE(past);
    EXPECT_TRUE(past->tasks.contains("of p2"));
}

// Its credential is refused at start, so that nobody says which project it is: what failed is still its own.
TEST_F(StateRecorder, KeepsTheRunOfFailuresBeforeTheProjectIsKnownAgain) {
    watched orders;
    orders.state.last_poll = noon;
    orders.with_task("t1");
    recorder_->record(orders.view(), {}, noon);
    restart();

    watched unknown("");
    ASSERT_TRUE(recall(unknown));
    unknown.state.last_poll = noon;
    unknown.with_task("t1");
    unknown.failing = {1, noon, noon, poll_result::auth};
    recorder_->record(unknown.view(), {named("poll_failed")}, noon);
    EXPECT_EQ(recorder_->latest().back().of.project_id, "p1");
    restart();
    const auto past = recall(unknown);
    ASSERT_TRUE(past);
    EXPECT_EQ(past->failing, unknown.failing);
    EXPECT_EQ(past->tasks.size(), 1U);
}

TEST_F(StateRecorder, WritesNothingBeforeTheFirstPoll) {
    watched orders;
    orders.with_task("t1");
    recorder_->record(orders.view(), {}, noon);
    EXPECT_THAT(stored(), IsEmpty());
}

TEST_F(StateRecorder, APollThatSawNothingNewIsNotWritten) {
    watched orders;
    orders.state.last_poll = orders.state.last_success = noon;
    orders.with_task("t1");
    recorder_->record(orders.view(), {}, noon);
    orders.state.last_success = noon + 1s;
    recorder_->record(orders.view(), {}, noon + 1s);
    const auto all = stored();
    ASSERT_EQ(all.size(), 1U);
    EXPECT_EQ(all.begin()->second.self.last_success, noon);
}

TEST_F(StateRecorder, TheEndWritesAll) {
    watched orders;
    orders.state.last_poll = orders.state.last_success = noon;
    recorder_->record(orders.view(), {}, noon);
    orders.state.last_success = noon + 1s;
    recorder_->finish(orders.view(), noon + 1s);
    EXPECT_EQ(stored().begin()->second.self.last_success, noon + 1s);
}

TEST_F(StateRecorder, ARemovedInstanceKeepsWhatIsKnown) {
    watched orders;
    orders.state.last_poll = noon;
    orders.with_task("t1", noon - 2h);
    recorder_->record(orders.view(), {}, noon);
    recorder_->forget(orders.view(), noon);
    const auto past = recall(orders); // within the run
    ASSERT_TRUE(past);
    EXPECT_EQ(past->tasks.at("t1").stage_changed, noon - 2h);
    restart(); // and over it
    ASSERT_TRUE(recall(orders));
}

// Recalled, and taken out again before a poll of it ended: nothing was written, nothing is lost.
TEST_F(StateRecorder, RemovedBeforeItsFirstPollItIsStillKnown) {
    watched orders;
    orders.state.last_poll = noon;
    orders.with_task("t1");
    recorder_->record(orders.view(), {}, noon);
    restart();
    ASSERT_TRUE(recall(orders));
    orders.state.last_poll.reset();
    recorder_->forget(orders.view(), noon);
    const auto past = recall(orders);
    ASSERT_TRUE(past);
    EXPECT_TRUE(past->tasks.contains("t1"));
}

// Else it would be discovered again by a start before its first poll.
TEST_F(StateRecorder, ADiscoveredInstanceIsKnownBeforeItsFirstPoll) {
    recorder_->record_discovered(named("instance_discovered"), watched().state.identity, noon);
    restart();
    EXPECT_THAT(recorder_->discovered("prod", "p1"), ElementsAre(std::pair(instance_id, "orders")));
}

TEST_F(StateRecorder, DiscoveredAgainItKeepsItsCounts) {
    watched orders;
    orders.state.last_poll = noon;
    orders.state.counters.transitions[1][2] = 3;
    orders.with_task("t1");
    recorder_->record(orders.view(), {}, noon);
    recorder_->forget(orders.view(), noon);
    recorder_->record_discovered(named("instance_discovered"), orders.state.identity, noon + 1s);
    restart();
    EXPECT_THAT(recorder_->discovered("prod", "p1"), ElementsAre(std::pair(instance_id, "orders")));
    const auto past = recall(orders);
    ASSERT_TRUE(past);
    EXPECT_EQ(past->transitions[1][2], 3U);
    EXPECT_TRUE(past->tasks.contains("t1"));
}

// The machine slept: meanwhile its rows may have been taken for those of one that nobody watches any more.
TEST_F(StateRecorder, WritesAllAgainAfterALongTime) {
    watched orders;
    orders.state.last_poll = noon;
    orders.with_task("t1");
    recorder_->record(orders.view(), {}, noon);
    ASSERT_TRUE(journal_->stop(30s));
    journal_.reset();
    const timestamp awake = noon + 40 * 24h;
    ASSERT_FALSE(store::database::open(directory_ / "state.db", noon)->prune(awake, 30 * 24h).value());
    ASSERT_THAT(open_journal(), IsEmpty());
    auto view = orders.view();
    view.tasks_changed = false;
    recorder_->record(view, {}, awake);
    restart();
    const auto past = recall(orders);
    ASSERT_TRUE(past);
    EXPECT_TRUE(past->tasks.contains("t1"));
}

// Discovered instances may come and go for ever.
TEST_F(StateRecorder, TheDepartedAreBounded) {
    watched one;
    const auto forget = [&](std::size_t number) {
        one.state.identity.id = std::to_string(number);
        recorder_->forget(one.view(), noon);
    };
    for (std::size_t i = 0; i <= state_recorder::most_departed_instances; ++i)
        forget(i);
    forget(1); // it came back, and went again: not the oldest any more
    one.state.identity.id = "0";
    EXPECT_FALSE(recall(one));
    for (const auto* kept : {"1", "2", "10000"}) {
        one.state.identity.id = kept;
        EXPECT_TRUE(recall(one)) << kept;
    }
}

TEST_F(StateRecorder, TheTasksOfTheDepartedAreBounded) {
    watched one;
    for (int i = 0; i < 10'000; ++i)
        one.with_task("t" + std::to_string(i));
    const std::size_t most = state_recorder::most_departed_tasks / one.state.tasks.size();
    for (std::size_t i = 0; i <= most; ++i) {
        one.state.identity.id = std::to_string(i);
        recorder_->forget(one.view(), noon);
    }
    one.state.identity.id = "0";
    EXPECT_FALSE(recall(one));
    one.state.identity.id = "1";
    EXPECT_TRUE(recall(one));
}

TEST_F(StateRecorder, TheLatestEventsAreBounded) {
    watched orders;
    for (int batch = 0; batch < 101; ++batch)
        recorder_->record(orders.view(), std::vector<event>(100, named("a")), noon);
    EXPECT_EQ(recorder_->latest().size(), 10'000U);
    EXPECT_EQ(recorder_->latest().back().what.id, 10'100U);
    EXPECT_EQ(recorder_->latest().front().what.id, 101U);
}

TEST_F(StateRecorder, KeepsNoMoreBytesOfEventsThanItMay) {
    event large = named("poll_failed");
    large.with("error_msg", std::string(1024 * 1024, 'x'));
    for (int i = 0; i < 20; ++i)
        recorder_->record(large, watched().state.identity);
    EXPECT_EQ(recorder_->latest().size(), 15u);
    EXPECT_EQ(recorder_->latest().back().what.id, 20u);
}

// The state file was damaged while the daemon ran: what is in memory is written to the new one.
TEST_F(StateRecorder, WritesAllAgainToANewFile) {
    watched orders;
    orders.state.last_poll = orders.state.last_success = noon;
    orders.state.counters.transitions[1][2] = 7;
    orders.with_task("t1", noon - 2h);
    orders.state.departed["t2"] = {orders.with_task("t2", noon - 3h), noon - 30s};
    orders.state.tasks.erase("t2");
    recorder_->record(orders.view(), {named("task_discovered", "t1")}, noon);
    ASSERT_TRUE(journal_->stop(30s));
    journal_.reset();
    const std::string path = directory_ / "state.db";
    ASSERT_TRUE(store::database::open(path, noon)->begin_anew({store::trouble::corrupt, "damaged"}, 1, noon));
    open_journal();

    recorder_->write_again();
    auto view = orders.view();
    view.tasks_changed = false; // a poll that failed, say
    recorder_->record(view, {}, noon + 1s);
    recorder_->record(view, {}, noon + 2s);
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

// What was in memory before a restart is in memory after it.
TEST(OpenState, BringsBackAsManyEventsAsAreKept) {
    const store::temporary_directory directory;
    const std::string path = directory / "state.db";
    const std::size_t more = state_recorder::most_latest + 7;
    {
        auto file = store::database::open(path, noon);
        ASSERT_TRUE(file) << file.error().text;
        store::batch all;
        for (std::uint64_t id = 1; id <= more; ++id) {
            event e;
            e.name = "task_discovered";
            e.time = noon;
            e.message = "m";
            e.id = id;
            all.events.push_back({e, {}});
        }
        ASSERT_TRUE(file->commit(all));
    }
    const auto state = open_state(path);
    ASSERT_EQ(state.latest.size(), state_recorder::most_latest);
    EXPECT_EQ(state.latest.front().what.id, 8u);
    EXPECT_EQ(state.latest.back().what.id, more);
}

// A file as a daemon leaves it, with its log merged into it.
void make_file(const std::string& path) {
    auto file = store::database::open(path, noon);
    ASSERT_TRUE(file) << file.error().text;
    store::batch all;
    for (std::uint64_t id = 1; id <= 60; ++id) {
        event e;
        e.name = "task_discovered";
        e.time = noon + milliseconds(id);
        e.message = "m";
        e.task = "t" + std::to_string(id);
        e.id = id;
        e.with("stage", "full").with("percentage", decimal{"42.5"});
        all.events.push_back({e, {"project", "instance" + std::to_string(id % 3)}});
        const store::instance_key instance{"project", "instance" + std::to_string(id % 3)};
        all.instances[instance].last_seen = noon;
        store::task_record& task = all.tasks[{instance, e.task}].emplace();
        task.state.reading.name = e.task;
        task.state.reading.percentage = 42.5;
        task.state.stage_changed = noon;
    }
    ASSERT_TRUE(file->commit(all, 60));
    ASSERT_TRUE(file->prune(noon, std::chrono::hours(1)));
    ASSERT_TRUE(file->note_pruned_at(noon));
}

std::string content_of(const std::string& path) {
    std::stringstream whole;
    whole << std::ifstream(path, std::ios::binary).rdbuf();
    return whole.str();
}

// As the daemon uses it. What fails must say damage: then the daemon begins anew.
void use(opened_state& state) {
    store::database& file = *state.file;
    store::batch what;
    const store::instance_key instance{"project", "instance1"};
    what.instances[instance].last_seen = noon;
    what.tasks[{instance, "t1"}].emplace().state.reading.name = "t1";
    event e;
    e.name = "task_gone";
    e.time = noon;
    e.id = file.last_event_id().value() + 1;
    what.events = {{e, instance}};
    const auto committed = file.commit(what, *e.id);
    EXPECT_TRUE(committed || committed.error().kind == store::trouble::corrupt) << committed.error().text;
    const auto pruned = file.prune(noon + std::chrono::hours(2), std::chrono::hours(1));
    EXPECT_TRUE(pruned || pruned.error().kind == store::trouble::corrupt) << pruned.error().text;
    const auto found = file.events({});
    EXPECT_TRUE(found || found.error().kind == store::trouble::corrupt) << found.error().text;
}

// A disk, or the memory of the machine, may turn any bit over. Each start must end with a file that works:
// that one, or a new one beside it. Every bit of the header, and some hundred of the rest.
TEST(OpenState, AnyFlippedBitIsLoadedOrSetAside) {
    const store::temporary_directory directory;
    const std::string path = directory / "state.db";
    make_file(path);
    const std::string whole = content_of(path);
    std::vector<std::size_t> bits;
    for (std::size_t bit = 0; bit < 100 * 8; ++bit)
        bits.push_back(bit);
    std::mt19937_64 jitter(19);
    for (int i = 0; i < 400; ++i)
        bits.push_back(jitter() % (whole.size() * 8));

    int set_aside = 0;
    for (const std::size_t bit : bits) {
        SCOPED_TRACE("byte " + std::to_string(bit / 8) + ", bit " + std::to_string(bit % 8));
        const store::temporary_directory own;
        std::string bytes = whole;
        bytes[bit / 8] ^= static_cast<char>(1 << bit % 8);
        std::ofstream(own / "state.db", std::ios::binary) << bytes;
        try {
            auto state = open_state(own / "state.db");
            set_aside += state.set_aside ? 1 : 0;
            if (!state.set_aside || bit % 16 == 0)
                use(state);
        } catch (const std::exception& e) {
            ADD_FAILURE() << e.what();
        }
    }
    EXPECT_GT(set_aside, 100);
    EXPECT_LT(set_aside, static_cast<int>(bits.size()) - 100);
}

// quick_check looks at neither the texts nor the order of an index.
TEST(OpenState, DamageThatTheCheckDoesNotFindIsSetAsideToo) {
    const store::temporary_directory directory;
    const std::string path = directory / "state.db";
    make_file(path);
    ASSERT_TRUE(store::connection::open(path, store::access::read_write)
                    .value()
                    .run("UPDATE tasks SET task = CAST(X'61FF' AS TEXT) WHERE task = 't1'"));
    const auto state = open_state(path);
    EXPECT_TRUE(state.set_aside);
    EXPECT_TRUE(state.past.empty());
    EXPECT_EQ(state.file->is_open(), true);
}

// A name that an earlier version took: the list cannot have it again, and nobody would ever declare it gone.
TEST(OpenState, ATaskWhoseNameIsTooLongIsNotKnown) {
    const store::temporary_directory directory;
    const std::string path = directory / "state.db";
    {
        auto file = store::database::open(path, noon);
        ASSERT_TRUE(file);
        store::batch what;
        const store::instance_key instance{"project", "instance"};
        for (const std::size_t size : {longest_task_name, longest_task_name + 1})
            what.tasks[{instance, std::string(size, 'n')}].emplace();
        ASSERT_TRUE(file->commit(what));
    }
    const auto state = open_state(path);
    EXPECT_FALSE(state.set_aside);
    ASSERT_EQ(state.past.size(), 1U);
    EXPECT_EQ(state.past.begin()->second.tasks.size(), 1U);
}

} // namespace

} // namespace replmond::service
