#include "tests/monitor/fleet_stub.hpp"

/// When the fleet polls, with how many at once, when it is ready, and how it stops.
namespace replmond::testing {
namespace {

namespace asio = boost::asio;
using ::testing::IsEmpty;

TEST_F(FleetStub, ReadyOnceEveryFirstPollHasEnded) {
    bool hang = true;
    const auto slow =
        make_api([&](const auto&) { return hang ? std::nullopt : std::make_optional(page_of({})); });
    auto* const broken = make_api([](const auto&) { return failed(poll_result::auth, 401); });
    watch("slow", *slow);
    watch("broken", *broken);
    EXPECT_FALSE(fleet_->ready()); // nobody was asked yet
    begin();
    EXPECT_FALSE(fleet_->ready());
    until_polls("broken", 2);
    EXPECT_FALSE(fleet_->ready());
}

TEST_F(FleetStub, ReadyAlsoWhenTheFirstPollFailed) {
    auto* const broken = make_api([](const auto&) { return failed(poll_result::auth, 401); });
    watch("broken", *broken);
    begin();
    until([&] { return fleet_->ready(); });
    EXPECT_GE(polls("broken"), 1U);
}

TEST_F(FleetStub, ReadyWithNobodyToPoll) {
    make_fleet();
    begin();
    EXPECT_TRUE(fleet_->ready());
    EXPECT_EQ(fleet_->size(), 0U);
}

TEST_F(FleetStub, EveryInstanceIsKnownFromTheStart) {
    auto* const api = make_api([](const auto&) { return page_of({}); });
    watch("a", *api);
    watch("b", *api);
    EXPECT_EQ(seen_.states.size(), 2U);
    EXPECT_EQ(state("b").interval, interval);
    EXPECT_FALSE(state("b").last_result);
}

TEST_F(FleetStub, OneSlotServesAllInstances) {
    settings_.concurrency = 1;
    auto* const api = make_api([](const auto&) { return page_of({task("t1")}); });
    for (const auto* name : {"a", "b", "c", "d", "e"})
        watch(name, *api);
    begin();
    for (const auto* name : {"a", "b", "c", "d", "e"})
        until([&] { return polls(name, poll_result::success) >= 3; });
    EXPECT_EQ(api->most_in_flight, 1);
}

TEST_F(FleetStub, AsManyAtOnceAsThereAreSlots) {
    settings_.concurrency = 2;
    auto* const api = make_api([](const auto&) { return std::nullopt; });
    for (const auto* name : {"a", "b", "c"})
        watch(name, *api);
    begin();
    until([&] { return api->in_flight == 2; });
    loop_.restart();
    loop_.run_for(3 * interval);
    EXPECT_EQ(api->most_in_flight, 2);
}

TEST_F(FleetStub, MissedTicksAreCountedAndNeverQueued) {
    bool hang = true;
    // The first poll spins over several ticks of its own.
    auto* const api = make_api([&](const auto&) {
        if (std::exchange(hang, false)) {
            const auto until = std::chrono::steady_clock::now() + 7 * interval;
            while (std::chrono::steady_clock::now() < until) {
            }
        }
        return page_of({task("t1")});
    });
    watch("a", *api);
    begin();
    until_polls("a", 1);
    until([&] { return state("a").counters.polls_skipped >= 6; });
    const auto asked = api->asked.size();
    until_polls("a", 1);
    EXPECT_LE(api->asked.size(), asked + 1);
}

// The poll does not wait for what comes after its 120 s: it is told at once, as what it is.
TEST_F(FleetStub, APauseBeyondThePollsOwnTimeEndsThePoll) {
    interval_ = std::chrono::hours(1);
    const auto after = std::chrono::seconds(121);
    std::string name = "a";
    while (schedule::grid_of(id_of(name), interval_).phase < 3 * after)
        name += 'a'; // a first poll that could wait so long before its next tick
    failure throttled;
    throttled.result = poll_result::throttled;
    throttled.retry_after = after;
    auto* const api = make_api([&](const auto&) { return result<cloud::page>(throttled); });
    watch(name, *api);
    begin();
    until_polls(name, 1);
    EXPECT_EQ(polls(name, poll_result::throttled), 1U);
    EXPECT_EQ(text_of(seen_.last(name, "poll_failed"), "attempts"), "1");
    EXPECT_EQ(api->asked.size(), 1U);
}

TEST_F(FleetStub, AnInstanceThatIsRemovedWhileItsListIsReadLeavesItsSlot) {
    settings_.concurrency = 1;
    page_size_ = 1;
    auto* const api = make_api([&](const cloud::list_query& query) {
        if (query.instance_id == id_of("a") && query.offset == 0)
            asio::post(loop_, [this] { fleet_->remove(keys_["a"]); });
        return page_of({task("t" + std::to_string(query.offset))}, 2);
    });
    watch("a", *api);
    begin();
    until([&] { return fleet_->size() == 0 && api->in_flight == 0; });
    watch("b", *api);
    until_polls("b", 1);
    EXPECT_EQ(std::count_if(api->asked.begin(), api->asked.end(),
                            [](const auto& query) { return query.instance_id == id_of("a"); }),
              1);
}

// Thousands of instances may have new intervals at once.
TEST_F(FleetStub, NewIntervalsAreToldSomeInEachTurn) {
    interval_ = std::chrono::hours(1);
    limits_ = {1, std::chrono::hours(1)};
    auto* const api = make_api([](const auto&) { return std::nullopt; });
    make_fleet();
    std::vector<monitor::watched_instance> many;
    for (int i = 0; i < 1000; ++i)
        many.push_back(instance_of("i" + std::to_string(i), *api));
    fleet_->add(many);
    const int told_before = seen_.told_changed;
    begin();
    int told = told_before;
    int most = 0;
    until([&] {
        const int now = seen_.told_changed + seen_.told_unchanged;
        most = std::max(most, now - std::exchange(told, now));
        return now == told_before + 1000;
    });
    EXPECT_LE(most, 200);
    EXPECT_GT(state("i0").interval, interval_);
    EXPECT_EQ(state("i999").interval, state("i0").interval);
}

TEST_F(FleetStub, StopWhileNothingWasPolledYet) {
    auto* const api = make_api([](const auto&) { return page_of({}); });
    watch("a", *api);
    begin();
    stop();
    EXPECT_EQ(group_.size(), 0U);
    EXPECT_THAT(seen_.events, IsEmpty());
}

TEST_F(FleetStub, StopWhilePollsHangAndOthersWaitForASlot) {
    settings_.concurrency = 2;
    auto* const api = make_api([](const auto&) { return std::nullopt; });
    for (const auto* name : {"a", "b", "c", "d"})
        watch(name, *api);
    begin();
    until([&] { return api->in_flight == 2; });
    loop_.restart();
    loop_.run_for(3 * interval);
    stop();
    EXPECT_EQ(api->in_flight, 0);
    EXPECT_THAT(seen_.events, IsEmpty()); // stopping is no failure
}

// The observer stops the daemon, in the turn in which an answer came.
TEST_F(FleetStub, StopInsideAPoll) {
    for (const bool suspends : {false, true}) {
        net::task_group group(loop_.get_executor());
        auto* const api = make_api([&](const auto&) {
            group.stop();
            return page_of({task("t1")});
        });
        api->suspends = suspends;
        recorder seen;
        monitor::fleet fleet(loop_.get_executor(), settings_, seen);
        fleet.add_project(1, "prod", limits_);
        fleet.add({instance_of("a", *api)});
        fleet.run(group);
        run(loop_, group.join());
        EXPECT_EQ(api->asked.size(), 1U);
        EXPECT_EQ(seen.count("a", "poll_failed"), 0U);
    }
}

TEST_F(FleetStub, StopAfterAnyNumberOfTurns) {
    for (int turns = 0; turns < 60; ++turns) {
        net::task_group group(loop_.get_executor());
        monitor::fleet_settings settings = settings_;
        settings.concurrency = 1;
        auto* const api = make_api([](const auto&) { return page_of({task("t1")}); });
        recorder seen;
        monitor::fleet fleet(loop_.get_executor(), settings, seen);
        fleet.add_project(1, "prod", limits_);
        interval_ = std::chrono::milliseconds(1);
        fleet.add({instance_of("a", *api), instance_of("b", *api)});
        fleet.run(group);
        loop_.restart();
        for (int i = 0; i < turns; ++i)
            loop_.run_one_for(patience);
        asio::post(loop_, [&] { group.stop(); });
        run(loop_, group.join());
        EXPECT_EQ(seen.count("a", "poll_failed") + seen.count("b", "poll_failed"), 0U);
    }
}

} // namespace
} // namespace replmond::testing
