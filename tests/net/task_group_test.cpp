#include "daemon/net/async.hpp"
#include "daemon/net/task_group.hpp"
#include "tests/support/event_loop.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace replmond::net {
namespace {

using testing::cancel;
using testing::finish;
using testing::run;
using testing::run_dry;
using testing::run_until;
using testing::start;

// What the children did.
struct notes {
    int begun = 0;
    int ended = 0; // by themselves
    int cancelled = 0;
};

asio::awaitable<void> work(notes& of, steady_duration time) {
    ++of.begun;
    auto executor = co_await asio::this_coro::executor;
    asio::steady_timer timer(executor, time);
    const auto [error] = co_await timer.async_wait(nothrow);
    ++(error ? of.cancelled : of.ended);
}

asio::awaitable<void> nothing(notes& of) {
    ++of.begun;
    ++of.ended;
    co_return;
}

asio::awaitable<void> throw_after(steady_duration time, const char* text) {
    auto executor = co_await asio::this_coro::executor;
    asio::steady_timer timer(executor, time);
    co_await timer.async_wait(nothrow);
    throw std::runtime_error(text);
}

asio::awaitable<void> throw_at_once() {
    throw std::runtime_error("at once");
    co_return;
}

class TaskGroup : public ::testing::Test {
protected:
    void TearDown() override {
        stop();
        run_dry(loop_);
        EXPECT_EQ(group_.size(), 0U);
    }

    // On the loop, as everywhere in the daemon.
    void stop() {
        asio::post(loop_, [this] { group_.stop(); });
    }

    void join() { run(loop_, group_.join()); }

    std::string error_of_join() {
        try {
            join();
        } catch (const std::runtime_error& e) {
            return e.what();
        }
        return "none";
    }

    asio::io_context loop_{1};
    task_group group_{loop_.get_executor()};
    notes notes_;
};

TEST_F(TaskGroup, JoinOfNobodyEndsAtOnce) {
    join();
    stop();
    join();
}

TEST_F(TaskGroup, JoinWaitsForAll) {
    group_.spawn(work(notes_, 1ms));
    group_.spawn(work(notes_, 3ms));
    group_.spawn(nothing(notes_));
    EXPECT_EQ(group_.size(), 3U);
    join();
    EXPECT_EQ(notes_.ended, 3);
    EXPECT_FALSE(group_.stopping());
}

TEST_F(TaskGroup, StopCancelsAllAndJoinThrowsNothing) {
    for (int i = 0; i < 5; ++i)
        group_.spawn(work(notes_, 1h));
    const auto joined = start(loop_, group_.join());
    run_until(loop_, [&] { return notes_.begun == 5; });
    EXPECT_FALSE(joined->done);

    stop();
    stop(); // again: nothing new
    finish(loop_, joined);
    EXPECT_TRUE(group_.stopping());
    EXPECT_EQ(notes_.cancelled, 5);
}

TEST_F(TaskGroup, StopBeforeTheFirstTurn) {
    group_.spawn(work(notes_, 1h));
    group_.spawn(nothing(notes_));
    stop();
    join();
    EXPECT_EQ(group_.size(), 0U);
}

TEST_F(TaskGroup, SpawnAfterStopDoesNothing) {
    group_.stop(); // nobody is there to be told
    group_.spawn(work(notes_, 1h));
    EXPECT_EQ(group_.size(), 0U);
    join();
    EXPECT_EQ(notes_.begun, 0);
}

TEST_F(TaskGroup, AnExceptionStopsTheOthersAndComesOutOfJoin) {
    group_.spawn(work(notes_, 1h));
    group_.spawn(throw_after(1ms, "broken"));
    group_.spawn(work(notes_, 1h));
    EXPECT_EQ(error_of_join(), "broken");
    EXPECT_TRUE(group_.stopping());
    EXPECT_EQ(notes_.cancelled, 2);
    EXPECT_EQ(error_of_join(), "none"); // told once
}

TEST_F(TaskGroup, AnExceptionBeforeTheFirstSuspension) {
    group_.spawn(work(notes_, 1h));
    group_.spawn(throw_at_once());
    EXPECT_EQ(error_of_join(), "at once");
}

TEST_F(TaskGroup, OnlyTheFirstExceptionCounts) {
    group_.spawn(throw_after(1ms, "first"));
    group_.spawn(throw_after(1h, "because it was stopped"));
    EXPECT_EQ(error_of_join(), "first");
}

TEST_F(TaskGroup, ExceptionsWhileStoppingAreDropped) {
    group_.spawn(throw_after(1h, "because it was stopped"));
    loop_.poll();
    stop();
    EXPECT_EQ(error_of_join(), "none");
}

asio::awaitable<void> stop_from_inside(task_group& group, bool suspend_first) {
    if (suspend_first) {
        auto executor = co_await asio::this_coro::executor;
        asio::steady_timer timer(executor, 0ms);
        co_await timer.async_wait(nothrow);
    }
    group.stop();
}

TEST_F(TaskGroup, AChildStopsTheGroupAfterASuspension) {
    group_.spawn(work(notes_, 1h));
    group_.spawn(stop_from_inside(group_, true));
    join();
    EXPECT_EQ(notes_.cancelled, 1);
}

TEST_F(TaskGroup, AChildStopsTheGroupBeforeItsFirstSuspension) {
    group_.spawn(work(notes_, 1h));
    group_.spawn(stop_from_inside(group_, false));
    join();
    EXPECT_EQ(notes_.cancelled, 1);
}

asio::awaitable<void> spawn_more(task_group& group, notes& of, int generations) {
    if (generations > 0)
        group.spawn(spawn_more(group, of, generations - 1));
    co_await work(of, 1h);
}

TEST_F(TaskGroup, ChildrenSpawnChildren) {
    group_.spawn(spawn_more(group_, notes_, 4));
    run_until(loop_, [&] { return notes_.begun == 5; });
    EXPECT_EQ(group_.size(), 5U);
    stop();
    join();
    EXPECT_EQ(notes_.cancelled, 5);
}

// Resumes its coroutine inside emit(), as an operation does that needs no turn of the loop to be cancelled.
template<class Token>
auto wait_for_emit(Token&& token) {
    auto initiate = [](auto handler) {
        auto slot = asio::get_associated_cancellation_slot(handler);
        auto shared = std::make_shared<decltype(handler)>(std::move(handler));
        slot.assign([shared](asio::cancellation_type) {
            auto mine = std::move(*shared);
            std::move(mine)(make_error_code(asio::error::operation_aborted));
        });
    };
    return asio::async_initiate<Token, void(error_code)>(std::move(initiate), token);
}

asio::awaitable<void> end_inside_emit(notes& of) {
    ++of.begun;
    co_await wait_for_emit(nothrow);
    ++of.cancelled;
}

TEST_F(TaskGroup, ChildrenEndInsideStop) {
    for (int i = 0; i < 4; ++i)
        group_.spawn(end_inside_emit(notes_));
    run_until(loop_, [&] { return notes_.begun == 4; });
    stop();
    join();
    EXPECT_EQ(notes_.cancelled, 4);
    EXPECT_EQ(group_.size(), 0U);
}

TEST_F(TaskGroup, SeveralCanJoin) {
    group_.spawn(work(notes_, 1ms));
    const auto first = start(loop_, group_.join());
    const auto second = start(loop_, group_.join());
    finish(loop_, first);
    finish(loop_, second);
}

TEST_F(TaskGroup, JoinItselfCanBeCancelled) {
    group_.spawn(work(notes_, 1h));
    const auto joined = start(loop_, group_.join());
    loop_.poll();
    cancel(loop_, joined);
    EXPECT_THROW(finish(loop_, joined), boost::system::system_error);
}

std::string text_of(const std::exception_ptr& error) {
    try {
        if (error)
            std::rethrow_exception(error);
    } catch (const std::exception& e) {
        return e.what();
    }
    return "none";
}

// Whatever else waits on the loop, for an hour or for ever: a listener, the timer of the traffic.
TEST_F(TaskGroup, AnExceptionEndsTheLoopAtOnce) {
    asio::steady_timer other(loop_, 1h);
    const auto rang = std::make_shared<bool>(false); // the handler runs once more, when this is over
    other.async_wait([rang](const error_code&) { *rang = true; });
    group_.spawn(work(notes_, 1h));
    group_.spawn(throw_after(1ms, "a bug"));
    EXPECT_EQ(text_of(run_until_done(loop_, group_)), "a bug");
    EXPECT_FALSE(*rang);
    EXPECT_EQ(notes_.ended + notes_.cancelled, 0);
    other.cancel();
}

TEST_F(TaskGroup, AnExceptionOfAnythingElseEndsTheLoopToo) {
    asio::steady_timer other(loop_, 1h);
    other.async_wait([](const error_code&) {});
    group_.spawn(work(notes_, 1h));
    asio::post(loop_, [] { throw std::runtime_error("a handler"); });
    EXPECT_EQ(text_of(run_until_done(loop_, group_)), "a handler");
    other.cancel();
}

TEST_F(TaskGroup, WithoutAnExceptionTheLoopRunsDry) {
    group_.spawn(work(notes_, 1ms));
    EXPECT_EQ(run_until_done(loop_, group_), nullptr);
    EXPECT_EQ(notes_.ended, 1);
}

} // namespace
} // namespace replmond::net
