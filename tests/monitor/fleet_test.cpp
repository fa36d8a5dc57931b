#include "tests/monitor/fleet_stub.hpp"

/// What the fleet learns and says, beside a cloud that is a function: no network, every answer at once or
/// never.
namespace replmond::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

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

} // namespace
} // namespace replmond::testing
