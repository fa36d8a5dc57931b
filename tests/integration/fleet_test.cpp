#include "tests/integration/fleet_fixture.hpp"

/// The fleet beside a cloud that is a function: no network, every answer at once or never.
namespace replmond::testing {
namespace {

namespace asio = boost::asio;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// Answers as `answer` says; hangs until it is cancelled where that says nothing.
class stub_api : public cloud::project_api {
public:
    using answer_function = std::function<std::optional<result<cloud::page>>(const cloud::list_query&)>;

    stub_api(asio::io_context& loop, answer_function answers)
        : answer(std::move(answers)), executor_(loop.get_executor()) {}

    asio::awaitable<result<cloud::page>> list(cloud::list_query query, net::steady_duration) override {
        asked.push_back(query);
        ++in_flight;
        most_in_flight = std::max(most_in_flight, in_flight);
        auto plan = answer(query);
        if (!plan || suspends) {
            asio::steady_timer timer(executor_, plan ? net::steady_duration(0) : std::chrono::hours(1));
            co_await timer.async_wait(net::nothrow);
        }
        --in_flight;
        if (!plan)
            net::throw_cancelled();
        co_return std::move(*plan);
    }

    answer_function answer;
    bool suspends = true; // false: answers without leaving its caller's turn
    std::vector<cloud::list_query> asked;
    int in_flight = 0;
    int most_in_flight = 0;

private:
    asio::any_io_executor executor_;
};

task_reading task(const std::string& name, stage where = stage::incremental, status health = status::yes) {
    task_reading read;
    read.name = name;
    read.stage = where;
    read.status = health;
    return read;
}

result<cloud::page> page_of(std::vector<task_reading> tasks, std::optional<std::uint64_t> total = {}) {
    cloud::page page;
    page.records = tasks.size();
    page.total_count = total.value_or(tasks.size());
    page.tasks = std::move(tasks);
    return page;
}

result<cloud::page> failed(poll_result kind, int status = 0) {
    failure why;
    why.result = kind;
    why.http_status = status;
    why.error_msg = "broken";
    return why;
}

class FleetStub : public Fleet {
protected:
    stub_api* make_api(stub_api::answer_function answer) {
        apis_.push_back(std::make_unique<stub_api>(loop_, std::move(answer)));
        return apis_.back().get();
    }

    void TearDown() override {
        // What the answers refer to is gone with the test.
        for (const auto& api : apis_)
            api->answer = [](const auto&) { return std::nullopt; };
        Fleet::TearDown();
    }

    std::vector<std::unique_ptr<stub_api>> apis_;
};

TEST_F(FleetStub, FollowsATaskThroughItsLife) {
    std::vector<task_reading> now = {task("t1", stage::full)};
    auto* const api = make_api([&](const auto&) { return page_of(now); });
    watch("a", *api);
    begin();
    until_polls("a", 2);
    EXPECT_THAT(seen_.names("a"), ElementsAre("task_discovered"));
    EXPECT_EQ(state("a").tasks.at("t1").reading.stage, stage::full);
    EXPECT_EQ(state("a").task_count, 1U);

    now[0].stage = stage::incremental;
    until([&] { return seen_.count("a", "stage_transition") == 1; });
    EXPECT_EQ(text_of(seen_.last("a", "stage_transition"), "from"), "full");
    EXPECT_EQ(text_of(seen_.last("a", "stage_transition"), "to"), "incremental");

    now[0].status = status::no;
    until([&] { return seen_.count("a", "replication_abnormal") == 1; });
    now[0].status = status::yes;
    until([&] { return seen_.count("a", "replication_recovered") == 1; });
    now.clear();
    until([&] { return seen_.count("a", "task_gone") == 1; });
    until_polls("a", 2);
    EXPECT_THAT(state("a").tasks, IsEmpty());
    EXPECT_EQ(seen_.events.size(), 5U);
    EXPECT_EQ(polls("a"), polls("a", poll_result::success));
}

TEST_F(FleetStub, ReadsEveryPage) {
    page_size_ = 2;
    const std::vector<task_reading> all = {task("t1"), task("t2"), task("t3"), task("t4"), task("t5")};
    auto* const api = make_api([&](const cloud::list_query& query) {
        std::vector<task_reading> some;
        for (std::size_t i = query.offset; i < all.size() && some.size() < 2; ++i)
            some.push_back(all[i]);
        return page_of(some, all.size());
    });
    watch("a", *api);
    begin();
    until_polls("a", 1);
    EXPECT_EQ(state("a").tasks.size(), 5U);
    ASSERT_EQ(api->asked.size(), 3U);
    EXPECT_EQ(api->asked[2].offset, 4U);
    EXPECT_EQ(api->asked[2].limit, 2);
    EXPECT_EQ(api->asked[2].instance_id, id_of("a"));
}

TEST_F(FleetStub, AnAbnormalTaskThatStaysSoIsToldAgain) {
    settings_.repeat_interval = std::chrono::milliseconds(20);
    const auto api =
        make_api([](const auto&) { return page_of({task("t1", stage::incremental, status::no)}); });
    watch("a", *api);
    begin();
    until([&] { return seen_.count("a", "replication_abnormal") == 3; });
    EXPECT_EQ(text_of(seen_.last("a", "replication_abnormal"), "repeat"), "2");
    EXPECT_GT(polls("a"), 2U);
}

TEST_F(FleetStub, AFailureIsToldOnceAndLosesNothing) {
    bool broken = false;
    auto* const api = make_api([&](const auto&) {
        return broken ? failed(poll_result::http, 403) : page_of({task("t1"), task("t2")});
    });
    watch("a", *api);
    begin();
    until_polls("a", 1);
    const auto changed = state("a").tasks.at("t1").stage_changed;

    broken = true;
    until_polls("a", 4);
    EXPECT_EQ(seen_.count("a", "poll_failed"), 1U);
    EXPECT_EQ(text_of(seen_.last("a", "poll_failed"), "result"), "http");
    EXPECT_EQ(text_of(seen_.last("a", "poll_failed"), "http_status"), "403");
    EXPECT_EQ(text_of(seen_.last("a", "poll_failed"), "error_msg"), "broken");
    EXPECT_EQ(state("a").tasks.size(), 2U);
    EXPECT_EQ(state("a").tasks.at("t1").stage_changed, changed);
    EXPECT_TRUE(state("a").failing_since);
    EXPECT_EQ(state("a").last_result, poll_result::http);
    EXPECT_EQ(seen_.count("a", "task_gone"), 0U);

    broken = false;
    until([&] { return seen_.count("a", "poll_recovered") == 1; });
    EXPECT_EQ(text_of(seen_.last("a", "poll_recovered"), "failures"),
              std::to_string(polls("a", poll_result::http)));
    EXPECT_FALSE(state("a").failing_since);
    EXPECT_FALSE(state("a").last_failure);
    until_polls("a", 2);
    EXPECT_THAT(seen_.names("a"),
                ElementsAre("task_discovered", "task_discovered", "poll_failed", "poll_recovered"));
}

TEST_F(FleetStub, AnotherResultIsToldAnew) {
    poll_result kind = poll_result::network;
    auto* const api = make_api([&](const auto&) { return failed(kind); });
    watch("a", *api);
    begin();
    until_polls("a", 2);
    kind = poll_result::tls;
    until_polls("a", 2);
    EXPECT_EQ(seen_.count("a", "poll_failed"), 2U);
}

// Every page in turn fails once: what was known stays whole, and what the pages before it said is not taken.
TEST_F(FleetStub, AFailureAtEachPage) {
    page_size_ = 1;
    std::vector<task_reading> all = {task("t1"), task("t2"), task("t3")};
    std::size_t bad = all.size() + 1;
    auto* const api = make_api([&](const cloud::list_query& query) {
        if (query.offset == bad)
            return failed(poll_result::network);
        std::vector<task_reading> some;
        if (query.offset < all.size())
            some.push_back(all[query.offset]);
        return page_of(some, all.size());
    });
    watch("a", *api);
    begin();
    until_polls("a", 1);
    for (std::size_t page = 0; page < all.size(); ++page) {
        SCOPED_TRACE(page);
        const auto failures = polls("a", poll_result::network);
        bad = page;
        all[0].stage = stage::paused;
        until([&] { return polls("a", poll_result::network) > failures; });
        EXPECT_EQ(state("a").tasks.size(), 3U);
        EXPECT_EQ(state("a").tasks.at("t1").reading.stage, stage::incremental);
        all[0].stage = stage::incremental;
        bad = all.size() + 1;
        const auto successes = polls("a", poll_result::success);
        until([&] { return polls("a", poll_result::success) > successes; });
    }
    EXPECT_EQ(seen_.count("a", "task_discovered"), 3U);
    EXPECT_EQ(seen_.count("a", "task_gone"), 0U);
    EXPECT_EQ(seen_.count("a", "stage_transition"), 0U);
    EXPECT_EQ(seen_.count("a", "poll_failed"), 3U);
    EXPECT_EQ(seen_.count("a", "poll_recovered"), 3U);
}

TEST_F(FleetStub, AnInconsistentListingDeclaresNobodyGone) {
    std::vector<task_reading> now = {task("t1"), task("t2")};
    std::uint64_t total = 2;
    auto* const api = make_api([&](const auto&) { return page_of(now, total); });
    watch("a", *api);
    begin();
    until_polls("a", 1);

    now = {task("t1", stage::paused)}; // one of two, says the count
    until([&] { return polls("a", poll_result::inconsistent) >= 1; });
    EXPECT_EQ(state("a").tasks.size(), 2U);
    EXPECT_EQ(state("a").tasks.at("t1").reading.stage, stage::paused); // what was seen is taken
    EXPECT_TRUE(state("a").tasks.at("t2").unseen_since);
    EXPECT_FALSE(state("a").failing_since);
    EXPECT_EQ(state("a").task_count, 2U);
    EXPECT_EQ(seen_.count("a", "task_gone"), 0U);
    EXPECT_EQ(text_of(seen_.last("a", "poll_failed"), "result"), "inconsistent");

    now = {task("t1", stage::paused), task("t2")};
    until([&] { return seen_.count("a", "poll_recovered") == 1; });
    EXPECT_FALSE(state("a").tasks.at("t2").unseen_since);
}

TEST_F(FleetStub, ACountThatStaysWrongIsDistrustedOnce) {
    auto* const api = make_api([&](const cloud::list_query& query) {
        return query.offset == 0 ? page_of({task("t1")}, 7) : page_of({}, 7);
    });
    watch("a", *api);
    begin();
    until([&] { return polls("a", poll_result::success) >= 3; });
    EXPECT_EQ(polls("a", poll_result::inconsistent), 2U);
    EXPECT_EQ(seen_.count("a", "unexpected_value"), 1U);
    EXPECT_EQ(text_of(seen_.last("a", "unexpected_value"), "field"), "total_count");
    ASSERT_EQ(seen_.unexpected.size(), 1U);
    EXPECT_EQ(seen_.unexpected[0].value, "7");
}

TEST_F(FleetStub, AListWithoutAnEndIsRefused) {
    auto* const api = make_api([](const cloud::list_query& query) {
        std::vector<task_reading> some;
        for (std::size_t i = 0; i < 100; ++i)
            some.push_back(task("t" + std::to_string(query.offset + i)));
        return page_of(some, query.offset + 1000);
    });
    api->suspends = false;
    watch("a", *api);
    begin();
    until_polls("a", 1);
    EXPECT_EQ(polls("a", poll_result::protocol), 1U);
    EXPECT_THAT(state("a").tasks, IsEmpty());
    EXPECT_EQ(api->asked.size() % 101, 0U);
}

TEST_F(FleetStub, AFailingInstanceDoesNotDisturbAHealthyOne) {
    auto* const bad = make_api([](const auto&) { return failed(poll_result::network); });
    auto* const good = make_api([](const auto&) { return page_of({task("t1")}); });
    watch("bad", *bad);
    watch("good", *good);
    begin();
    until([&] { return polls("good", poll_result::success) >= 5 && polls("bad") >= 5; });
    EXPECT_EQ(polls("good"), polls("good", poll_result::success));
    EXPECT_EQ(polls("bad"), polls("bad", poll_result::network));
    EXPECT_THAT(seen_.names("good"), ElementsAre("task_discovered"));
    EXPECT_THAT(seen_.names("bad"), ElementsAre("poll_failed"));
}

TEST_F(FleetStub, AHangingInstanceDoesNotDisturbAHealthyOne) {
    auto* const bad = make_api([](const auto&) { return std::nullopt; });
    auto* const good = make_api([](const auto&) { return page_of({task("t1")}); });
    watch("bad", *bad);
    watch("good", *good);
    begin();
    until_polls("good", 5);
    EXPECT_EQ(polls("bad"), 0U);
    EXPECT_EQ(bad->in_flight, 1);
}

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
    fleet_ = std::make_unique<monitor::fleet>(loop_.get_executor(), settings_, seen_);
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
        monitor::watched_instance instance;
        instance.identity.name = "a";
        instance.identity.id = id_of("a");
        instance.interval = interval;
        instance.request_timeout = patience;
        instance.api = api;
        fleet.add(std::move(instance));
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
        for (const auto* name : {"a", "b"}) {
            monitor::watched_instance instance;
            instance.identity.name = name;
            instance.identity.id = id_of(name);
            instance.interval = std::chrono::milliseconds(1);
            instance.request_timeout = patience;
            instance.api = api;
            fleet.add(std::move(instance));
        }
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
