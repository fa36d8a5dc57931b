#include "tests/monitor/fleet_stub.hpp"

#include <new>

/// Exceptions inside the daemon: one ends what it happened in, and nothing else.
namespace replmond::testing {
namespace {

constexpr auto said = "an error in replmond itself ended the poll: std::bad_alloc";

class FleetBroken : public FleetStub {
protected:
    // One slot: whoever kept it would be noticed.
    void SetUp() override {
        FleetStub::SetUp();
        settings_.concurrency = 1;
    }

    void TearDown() override {
        EXPECT_FALSE(group_.stopping()); // the daemon goes on
        seen_.before_changed = nullptr;
        FleetStub::TearDown();
    }
};

TEST_F(FleetBroken, AnExceptionWhileAListIsReadEndsThatPoll) {
    bool broken = true;
    auto* const bad = make_api([&](const auto&) {
        if (broken)
            throw std::bad_alloc();
        return page_of({task("t1")});
    });
    auto* const good = make_api([](const auto&) { return page_of({task("t1")}); });
    watch("bad", *bad);
    watch("good", *good);
    begin();
    until([&] { return polls("bad", poll_result::protocol) >= 3; });
    until_polls("good", 3);
    EXPECT_TRUE(fleet_->ready());
    EXPECT_EQ(polls("bad"), polls("bad", poll_result::protocol));
    EXPECT_EQ(seen_.count("bad", "poll_failed"), 1U);
    EXPECT_EQ(text_of(seen_.last("bad", "poll_failed"), "result"), "protocol");
    EXPECT_EQ(text_of(seen_.last("bad", "poll_failed"), "error_msg"), said);
    EXPECT_TRUE(state("bad").failing_since);

    broken = false;
    until([&] { return seen_.count("bad", "poll_recovered") == 1; });
    EXPECT_EQ(state("bad").tasks.size(), 1U);
    until([&] {
        return fleet_->requests().scheduler().slots_held() == 0;
    }); // the good one may be polled just now
}

// The one who is told throws: that poll counts once, as failed, and the next one tells all anew.
TEST_F(FleetBroken, AnExceptionWhileAPollIsToldEndsThatPoll) {
    auto* const api = make_api([](const auto&) { return page_of({task("t1")}); });
    watch("a", *api);
    int told = 0;
    seen_.before_changed = [&](const std::string&) {
        if (++told == 1)
            throw std::bad_alloc();
    };
    begin();
    until([&] { return polls("a", poll_result::protocol) == 1; });
    EXPECT_EQ(polls("a"), 1U);
    EXPECT_EQ(text_of(seen_.last("a", "poll_failed"), "error_msg"), said);
    const int changed = seen_.told_changed;
    until([&] { return polls("a", poll_result::success) == 1; });
    EXPECT_EQ(seen_.told_changed, changed + 1);
    EXPECT_EQ(seen_.count("a", "poll_recovered"), 1U);
}

TEST_F(FleetBroken, WhereNothingCanBeToldPollsGoOn) {
    auto* const bad = make_api([](const auto&) { return page_of({task("t1")}); });
    auto* const good = make_api([](const auto&) { return page_of({task("t1")}); });
    watch("bad", *bad);
    watch("good", *good);
    bool broken = true;
    seen_.before_changed = [&](const std::string& instance) {
        if (broken && instance == "bad")
            throw std::bad_alloc();
    };
    begin();
    until([&] { return bad->asked.size() >= 3; });
    until_polls("good", 3);
    broken = false;
    until([&] { return polls("bad", poll_result::success) == 1; });
}

TEST_F(FleetBroken, AnExceptionAboutAnErrorTextFailsNoPoll) {
    auto* const api =
        make_api([](const auto&) { return page_of({task("t1", stage::incremental, status::no)}); });
    api->why = []() -> std::optional<result<cloud::task_configuration>> { throw std::bad_alloc(); };
    watch("a", *api);
    begin();
    until([&] { return seen_.count("a", "internal_error") >= 1; });
    EXPECT_EQ(text_of(seen_.last("a", "internal_error"), "error_msg"), "std::bad_alloc");
    until_polls("a", 3);
    EXPECT_EQ(polls("a"), polls("a", poll_result::success));
}

// The loop is late, so the next poll begins where the one before has ended: what goes wrong with error texts
// then is no part of either.
TEST_F(FleetBroken, AnExceptionAboutAnErrorTextDoesNotEndTheNextPoll) {
    auto* const api =
        make_api([](const auto&) { return page_of({task("t1", stage::incremental, status::no)}); });
    api->why = []() -> std::optional<result<cloud::task_configuration>> { throw std::bad_alloc(); };
    seen_.before_changed = [this](const std::string&) {
        const auto late = std::chrono::steady_clock::now() + 2 * interval_;
        while (std::chrono::steady_clock::now() < late) {
        }
    };
    watch("a", *api);
    begin();
    until([&] { return seen_.count("a", "internal_error") >= 3; });
    EXPECT_EQ(polls("a"), polls("a", poll_result::success));
}

TEST_F(FleetBroken, InstancesAreAddedAllOrNone) {
    auto* const api = make_api([](const auto&) { return page_of({}); });
    watch("a", *api);
    begin();
    seen_.before_changed = [](const std::string& instance) {
        if (instance == "c")
            throw std::bad_alloc();
    };
    EXPECT_THROW(fleet_->add({instance_of("b", *api), instance_of("c", *api)}), std::bad_alloc);
    EXPECT_EQ(fleet_->size(), 1U);
    EXPECT_FALSE(seen_.states.contains("b"));
    until_polls("a", 3);
}

} // namespace
} // namespace replmond::testing
