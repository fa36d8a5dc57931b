#include "daemon/net/clocks.hpp"
#include "tests/monitor/fleet_stub.hpp"

/// An instance that was known before: what the fleet shows of it at once, and what its first poll says.
namespace replmond::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;
using std::chrono_literals::operator""h;

class FleetRecall : public FleetStub {
protected:
    FleetRecall() {
        settings_.repeat_interval = std::chrono::hours(1);
        seen_.past.emplace();
        seen_.past->last_success = before_;
    }

    task_state& known(const std::string& name, stage where = stage::incremental,
                      status health = status::yes) {
        task_state& state = seen_.past->tasks[name];
        state.reading = task(name, where, health);
        state.last_status = health;
        state.stage_changed = state.status_changed = state.progress_changed = before_;
        return state;
    }

    const timestamp before_ = net::wall_clock() - 5h;
};

TEST_F(FleetRecall, IsShownBeforeTheFirstPoll) {
    known("t1");
    seen_.past->transitions[1][2] = 3;
    auto* const api = make_api([](const auto&) { return std::nullopt; });
    watch("a", *api);
    EXPECT_EQ(state("a").tasks.at("t1").stage_changed, before_);
    EXPECT_EQ(state("a").task_count, 1U);
    EXPECT_EQ(state("a").last_success, before_);
    EXPECT_EQ(state("a").counters.transitions[1][2], 3U);
    // It goes stale from now on: the even clock begins with the process.
    ASSERT_TRUE(state("a").failing_since);
    EXPECT_FALSE(is_stale(state("a").failing_since, std::chrono::minutes(10), net::even_clock()));
    EXPECT_TRUE(is_stale(state("a").tasks.at("t1").unseen_since, milliseconds(0), net::even_clock()));
    EXPECT_FALSE(state("a").last_poll);
    EXPECT_THAT(seen_.events, IsEmpty());
}

// A start during an outage makes nothing younger.
TEST_F(FleetRecall, IsAsStaleAsItWas) {
    known("t1");
    known("t2").unseen_since = before_ - 1h;
    seen_.past->failing = {7, before_, net::wall_clock(), poll_result::http};
    auto* const api = make_api([](const auto&) { return std::nullopt; });
    watch("a", *api);
    EXPECT_EQ(state("a").failing_since, before_);
    EXPECT_EQ(state("a").tasks.at("t1").unseen_since, before_);
    EXPECT_EQ(state("a").tasks.at("t2").unseen_since, before_ - 1h);
}

TEST_F(FleetRecall, WhatContradictoryListsShowedIsNotStale) {
    known("t1");
    seen_.past->failing = {7, before_, net::wall_clock(), poll_result::inconsistent};
    auto* const api = make_api([](const auto&) { return std::nullopt; });
    watch("a", *api);
    EXPECT_GT(state("a").failing_since, before_);
    EXPECT_GT(state("a").tasks.at("t1").unseen_since, before_);
}

// Of a clock that was ahead when it was stored.
TEST_F(FleetRecall, ChangedAtNoTimeThatIsStillToCome) {
    task_state& task = known("t1", stage::full, status::no);
    const timestamp ahead = before_ + 13h;
    task.stage_changed = task.status_changed = task.progress_changed = ahead;
    task.abnormal_since = task.last_alert = ahead;
    task.appeared = task.reason.round = ahead;
    seen_.past->last_success = ahead;
    seen_.past->departed["t0"] = {task, ahead};
    auto* const api = make_api([](const auto&) { return std::nullopt; });
    watch("a", *api);
    const timestamp now = net::wall_clock();
    const task_state& shown = state("a").tasks.at("t1");
    EXPECT_LE(shown.stage_changed, now);
    EXPECT_LE(shown.status_changed, now);
    EXPECT_LE(shown.progress_changed, now);
    EXPECT_LE(shown.abnormal_since, now);
    EXPECT_LE(shown.appeared, now);
    EXPECT_LE(shown.last_alert, net::even_clock());
    EXPECT_LE(shown.reason.round, net::even_clock());
    EXPECT_LE(state("a").last_success, now);
}

// Of a clock that was ahead.
TEST_F(FleetRecall, IsNotSeenInTheFuture) {
    known("t1").unseen_since = before_ + 10h;
    seen_.past->failing = {7, before_ + 10h, net::wall_clock(), poll_result::http};
    auto* const api = make_api([](const auto&) { return std::nullopt; });
    watch("a", *api);
    EXPECT_LE(state("a").failing_since, net::even_clock());
    EXPECT_LE(state("a").tasks.at("t1").unseen_since, net::even_clock());
}

TEST_F(FleetRecall, AnUnchangedTaskSaysNothing) {
    known("t1");
    auto* const api = make_api([](const auto&) { return page_of({task("t1")}); });
    watch("a", *api);
    begin();
    until_polls("a", 2);
    EXPECT_THAT(seen_.events, IsEmpty());
    EXPECT_EQ(state("a").tasks.at("t1").stage_changed, before_);
    EXPECT_FALSE(state("a").failing_since);
    EXPECT_FALSE(state("a").tasks.at("t1").unseen_since);
}

TEST_F(FleetRecall, TheFirstPollReportsTheNetChange) {
    known("t1", stage::full);
    known("t2");
    auto* const api = make_api([](const auto&) { return page_of({task("t1"), task("t3")}); });
    watch("a", *api);
    begin();
    until_polls("a", 2);
    EXPECT_THAT(seen_.names("a"), UnorderedElementsAre("stage_transition", "task_discovered", "task_gone"));
    EXPECT_EQ(text_of(seen_.last("a", "stage_transition"), "from"), "full");
    EXPECT_EQ(state("a").counters.transitions[static_cast<std::size_t>(stage::full)]
                                             [static_cast<std::size_t>(stage::incremental)],
              1U);
    EXPECT_EQ(seen_.last("a", "task_gone").task, "t2");
    EXPECT_GT(std::stod(text_of(seen_.last("a", "stage_transition"), "after")), 4 * 3600.0);
}

TEST_F(FleetRecall, TheScheduleOfAlertsGoesOn) {
    task_state& wrong_password_memory = known("t1", stage::incremental, status::no);
    wrong_password_memory.abnormal_since = before_;
    wrong_password_memory.last_alert = net::wall_clock() - std::chrono::minutes(10);
    wrong_password_memory.alerts_repeated = 4;
    task_state& due = known("t2", stage::incremental, status::no);
    due.abnormal_since = before_;
    due.last_alert = net::wall_clock() - 2h;
    due.alerts_repeated = 4;
    auto* const api = make_api([](const auto&) {
        return page_of(
            {task("t1", stage::incremental, status::no), task("t2", stage::incremental, status::no)});
    });
    watch("a", *api);
    begin();
    until_polls("a", 3);
    ASSERT_THAT(seen_.names("a"), ElementsAre("replication_abnormal"));
    const event& said = seen_.last("a", "replication_abnormal");
    EXPECT_EQ(said.task, "t2");
    EXPECT_EQ(text_of(said, "repeat"), "5");
    EXPECT_EQ(text_of(said, "since"), to_rfc3339(before_));
}

TEST_F(FleetRecall, ARunOfFailuresGoesOn) {
    seen_.past->failing = {7, before_, net::wall_clock(), poll_result::http};
    bool broken = true;
    auto* const api = make_api([&](const auto&) { return broken ? failed(poll_result::http) : page_of({}); });
    watch("a", *api);
    begin();
    until_polls("a", 2);
    EXPECT_THAT(seen_.events, IsEmpty()); // it was said before
    broken = false;
    until([&] { return seen_.count("a", "poll_recovered") == 1; });
    const event& recovered = seen_.last("a", "poll_recovered");
    EXPECT_EQ(text_of(recovered, "failures"), std::to_string(7 + polls("a", poll_result::http)));
    EXPECT_GT(std::stod(text_of(recovered, "after")), 4 * 3600.0);
    EXPECT_THAT(seen_.names("a"), ElementsAre("poll_recovered"));
}

TEST_F(FleetRecall, ATaskThatLeftBeforeMayComeBack) {
    departed_task left;
    left.state.reading = task("t1");
    left.state.stage_changed = before_;
    left.at = net::wall_clock() - std::chrono::minutes(30);
    seen_.past->departed.emplace("t1", left);
    left.state.reading = task("t2");
    left.at = net::wall_clock() - 2h; // too long ago
    seen_.past->departed.emplace("t2", left);
    auto* const api = make_api([](const auto&) { return page_of({task("t1"), task("t2")}); });
    watch("a", *api);
    EXPECT_THAT(state("a").tasks, IsEmpty());
    begin();
    until_polls("a", 1);
    EXPECT_THAT(seen_.names("a"), ElementsAre("task_discovered", "task_discovered"));
    EXPECT_EQ(state("a").tasks.at("t1").stage_changed, before_);
    EXPECT_GT(state("a").tasks.at("t2").stage_changed, before_);
}

// A list that was empty is known as well as any other.
TEST_F(FleetRecall, NoTasksAreANumberToo) {
    auto* const api = make_api([](const auto&) { return std::nullopt; });
    watch("a", *api);
    EXPECT_EQ(state("a").task_count, 0U);
}

TEST_F(FleetRecall, NeverReadIsNotEmpty) {
    seen_.past->last_success.reset();
    auto* const api = make_api([](const auto&) { return std::nullopt; });
    watch("a", *api);
    EXPECT_FALSE(state("a").task_count);
    EXPECT_FALSE(state("a").failing_since);
}

// Nobody knows it before its project's id is known; the poll that reveals it is its first.
class FleetRecallLate : public FleetRecall {
protected:
    class revealing_api : public stub_api {
    public:
        using stub_api::stub_api;
        std::optional<std::string> known_project_id() const override {
            return asked.empty() ? std::nullopt : std::optional<std::string>("p1");
        }
    };

    void watch_unknown(stub_api& api) {
        later_ = std::exchange(seen_.past, std::nullopt);
        make_fleet();
        auto instance = instance_of("a", api);
        instance.identity.project_id.clear();
        keys_["a"] = fleet_->add({std::move(instance)}).front();
        EXPECT_THAT(state("a").tasks, IsEmpty());
        seen_.past = std::move(later_);
    }

    std::optional<instance_past> later_;
};

TEST_F(FleetRecallLate, IsRecalledWhenTheProjectIsKnown) {
    known("t1", stage::full);
    auto api = std::make_unique<revealing_api>(loop_, [](const auto&) { return page_of({task("t1")}); });
    auto* const watched = api.get();
    apis_.push_back(std::move(api));
    watch_unknown(*watched);
    begin();
    until_polls("a", 1);
    EXPECT_EQ(state("a").identity.project_id, "p1");
    EXPECT_THAT(seen_.names("a"), ElementsAre("stage_transition"));
}

TEST_F(FleetRecallLate, AlsoWhereThePollThatRevealsItFails) {
    known("t1");
    auto api =
        std::make_unique<revealing_api>(loop_, [](const auto&) { return failed(poll_result::http, 403); });
    auto* const watched = api.get();
    apis_.push_back(std::move(api));
    watch_unknown(*watched);
    begin();
    until_polls("a", 1);
    EXPECT_EQ(state("a").tasks.at("t1").stage_changed, before_);
    EXPECT_EQ(state("a").task_count, 1U);
    EXPECT_THAT(seen_.names("a"), ElementsAre("poll_failed"));
}

} // namespace
} // namespace replmond::testing
