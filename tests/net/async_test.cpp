#include "daemon/net/async.hpp"
#include "tests/support/event_loop.hpp"

#include <boost/asio/compose.hpp>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

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

constexpr auto never = std::chrono::hours(1);

using running_deadline = std::shared_ptr<testing::started<std::optional<result<int>>>>;

asio::awaitable<result<int>> give(int value) {
    co_return value;
}

asio::awaitable<result<int>> give_after(steady_duration wait, int value) {
    auto executor = co_await asio::this_coro::executor;
    asio::steady_timer timer(executor, wait);
    co_await timer.async_wait(asio::use_awaitable);
    co_return value;
}

asio::awaitable<result<int>> fail() {
    failure why;
    why.result = poll_result::protocol;
    why.error_msg = "no such list";
    co_return why;
}

asio::awaitable<result<int>> throw_out(bool suspend_first) {
    if (suspend_first) {
        auto executor = co_await asio::this_coro::executor;
        asio::steady_timer timer(executor, 0s);
        co_await timer.async_wait(asio::use_awaitable);
    }
    throw std::runtime_error("a bug");
}

// As a socket user does: being cancelled comes back as an error, and looks like a failure of the network.
asio::awaitable<result<int>> hang_and_fail(bool& ended) {
    auto executor = co_await asio::this_coro::executor;
    asio::steady_timer timer(executor, never);
    const auto [error] = co_await timer.async_wait(nothrow);
    ended = true;
    failure why;
    why.error_msg = error.message();
    co_return why;
}

error_code code_thrown_by(const std::function<void()>& action) {
    try {
        action();
    } catch (const boost::system::system_error& e) {
        return e.code();
    }
    return {};
}

class WithDeadline : public ::testing::Test {
protected:
    void TearDown() override { run_dry(loop_); }

    asio::io_context loop_{1};
};

TEST_F(WithDeadline, GivesTheValue) {
    EXPECT_EQ(run(loop_, with_deadline(give(7), never)).value().value(), 7);
    EXPECT_EQ(run(loop_, with_deadline(give_after(1ms, 8), never)).value().value(), 8);
    run_dry(loop_); // its timer must not keep the loop busy for an hour
}

TEST_F(WithDeadline, GivesNothingWhenTheBudgetRanOut) {
    EXPECT_FALSE(run(loop_, with_deadline(give_after(never, 7), 1ms)));
    EXPECT_FALSE(run(loop_, with_deadline(give_after(never, 7), 0ms)));
    EXPECT_FALSE(run(loop_, with_deadline(give_after(never, 7), -5ms)));
}

TEST_F(WithDeadline, ExpiryIsNoFailureEvenIfTheOperationCallsItOne) {
    bool ended = false;
    EXPECT_FALSE(run(loop_, with_deadline(hang_and_fail(ended), 1ms)));
    EXPECT_TRUE(ended);
}

// Two steps, of which the second never ends. Asio asks nobody in between whether to go on.
asio::awaitable<result<int>> two_steps(steady_duration first) {
    auto executor = co_await asio::this_coro::executor;
    asio::steady_timer timer(executor, first);
    int step = 0;
    auto steps = [&](auto& self, const error_code& error = {}) {
        if (++step == 3 || (step == 2 && error)) {
            self.complete(error);
            return;
        }
        if (step == 2)
            timer.expires_after(never);
        timer.async_wait(std::move(self));
    };
    const auto [error] =
        co_await asio::async_compose<decltype(nothrow), void(error_code)>(steps, nothrow, timer);
    failure why;
    why.error_msg = error.message();
    co_return why;
}

// Both are due when the loop goes on, the deadline first: it finds the first step ended, the second not
// begun.
TEST_F(WithDeadline, FindsAnOperationBetweenTwoSteps) {
    const auto running = start(loop_, with_deadline(two_steps(101ms), 100ms));
    loop_.poll();
    const auto both = std::chrono::steady_clock::now() + 110ms;
    while (std::chrono::steady_clock::now() < both)
        std::this_thread::yield();
    EXPECT_FALSE(finish(loop_, running));
}

TEST_F(WithDeadline, FindsOneBetweenTwoStepsAlsoWhenItsCallerIsCancelled) {
    const auto running = start(loop_, with_deadline(two_steps(10ms), never));
    loop_.poll();
    const auto due = std::chrono::steady_clock::now() + 30ms;
    while (std::chrono::steady_clock::now() < due)
        std::this_thread::yield();
    cancel(loop_, running); // runs before the loop looks at its timers
    EXPECT_EQ(code_thrown_by([&] { finish(loop_, running); }), asio::error::operation_aborted);
}

TEST_F(WithDeadline, TheCallersCancellationIsThrown) {
    const auto running = start(loop_, with_deadline(give_after(never, 7), never));
    loop_.poll();
    cancel(loop_, running);
    EXPECT_EQ(code_thrown_by([&] { finish(loop_, running); }), asio::error::operation_aborted);
}

TEST_F(WithDeadline, TheCallersCancellationIsNeverAFailure) {
    bool ended = false;
    const auto running = start(loop_, with_deadline(hang_and_fail(ended), never));
    loop_.poll();
    cancel(loop_, running);
    EXPECT_EQ(code_thrown_by([&] { finish(loop_, running); }), asio::error::operation_aborted);
    EXPECT_TRUE(ended);
}

TEST_F(WithDeadline, CancelledBeforeItsFirstTurn) {
    const auto running = start(loop_, with_deadline(give_after(never, 7), never));
    cancel(loop_, running);
    EXPECT_EQ(code_thrown_by([&] { finish(loop_, running); }), asio::error::operation_aborted);
}

TEST_F(WithDeadline, PassesAFailureOnAtOnce) {
    const auto outcome = run(loop_, with_deadline(fail(), never));
    ASSERT_TRUE(outcome);
    ASSERT_FALSE(*outcome);
    EXPECT_EQ(outcome->error().result, poll_result::protocol);
    EXPECT_EQ(outcome->error().error_msg, "no such list");
}

TEST_F(WithDeadline, PassesAnExceptionOn) {
    EXPECT_THROW(run(loop_, with_deadline(throw_out(false), never)), std::runtime_error);
    EXPECT_THROW(run(loop_, with_deadline(throw_out(true), never)), std::runtime_error);
}

asio::awaitable<result<int>> cancel_its_caller(running_deadline& caller) {
    caller->signal.emit(asio::cancellation_type::terminal);
    co_return 7;
}

TEST_F(WithDeadline, AnOperationMayCancelItsCallerBeforeItSuspends) {
    running_deadline running;
    running = start(loop_, with_deadline(cancel_its_caller(running), never));
    EXPECT_EQ(code_thrown_by([&] { finish(loop_, running); }), asio::error::operation_aborted);
}

// A deadline inside another; notes how the inner one ended.
asio::awaitable<result<int>> nested(steady_duration inner_budget, std::string& inner) {
    try {
        auto hanging = give_after(never, 7);
        const auto outcome = co_await with_deadline(std::move(hanging), inner_budget);
        inner = outcome ? "value" : "expired";
    } catch (const boost::system::system_error& e) {
        inner = e.code() == asio::error::operation_aborted ? "cancelled" : e.what();
        throw;
    }
    co_return 1;
}

TEST_F(WithDeadline, TheInnerOneExpiresAlone) {
    std::string inner;
    EXPECT_EQ(run(loop_, with_deadline(nested(1ms, inner), never)).value().value(), 1);
    EXPECT_EQ(inner, "expired");
}

TEST_F(WithDeadline, TheOuterOneCancelsTheInnerOne) {
    std::string inner;
    EXPECT_FALSE(run(loop_, with_deadline(nested(never, inner), 1ms)));
    EXPECT_EQ(inner, "cancelled");
}

TEST_F(WithDeadline, CancellationReachesThroughBoth) {
    std::string inner;
    const auto running = start(loop_, with_deadline(nested(never, inner), never));
    loop_.poll();
    cancel(loop_, running);
    EXPECT_EQ(code_thrown_by([&] { finish(loop_, running); }), asio::error::operation_aborted);
    EXPECT_EQ(inner, "cancelled");
}

asio::awaitable<result<int>> several(int rounds) {
    int expired = 0;
    for (int i = 0; i < rounds; ++i) {
        auto op = give_after(std::chrono::microseconds(i % 7), i);
        const auto outcome = co_await with_deadline(std::move(op), std::chrono::microseconds((i / 7) % 7));
        if (!outcome)
            ++expired;
        else if (outcome->value() != i)
            throw std::logic_error("another round's value");
    }
    co_return expired;
}

// Completion and expiry in the same turn of the loop, in either order: every outcome is one of the two.
TEST_F(WithDeadline, SurvivesRacesOfCompletionAndExpiry) {
    const int rounds = 5000;
    const auto expired = run(loop_, several(rounds));
    EXPECT_GE(expired.value(), 0);
    EXPECT_LE(expired.value(), rounds);
}

TEST_F(WithDeadline, SurvivesRacesWithTheCallersCancellation) {
    std::vector<running_deadline> all;
    for (int i = 0; i < 2000; ++i)
        all.push_back(
            start(loop_, with_deadline(give_after(std::chrono::microseconds(i % 50), i), 1us * (i % 30))));
    asio::steady_timer later(loop_, 20us);
    later.async_wait([&](error_code) {
        for (std::size_t i = 0; i < all.size(); i += 2)
            cancel(loop_, all[i]);
    });
    run_dry(loop_);
    for (std::size_t i = 0; i < all.size(); ++i) {
        ASSERT_TRUE(all[i]->done);
        if (all[i]->error) {
            EXPECT_EQ(code_thrown_by([&] { finish(loop_, all[i]); }), asio::error::operation_aborted);
        } else if (all[i]->value->has_value()) {
            EXPECT_EQ(all[i]->value->value().value(), static_cast<int>(i));
        }
    }
}

TEST(WithDeadlineAbandoned, ALoopThatIsDestroyedInTheMiddleFreesAll) {
    bool ended = false;
    {
        asio::io_context loop(1);
        const auto running = start(loop, with_deadline(hang_and_fail(ended), never));
        loop.poll();
    }
    EXPECT_FALSE(ended);
}

} // namespace
} // namespace replmond::net
