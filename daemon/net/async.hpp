#pragma once

#include "daemon/core/model/failure.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

/// Helpers that Boost 1.81 lacks (it has no cancel_after). Coroutines here follow the rule of
/// docs/architecture.md, "Coroutines and g++ 12".
namespace replmond::net {

using error_code = boost::system::error_code;
using boost::asio::awaitable;
using steady_duration = std::chrono::steady_clock::duration;

/// Errors as values: `auto [ec, n] = co_await socket.async_read_some(buffer, nothrow);`
constexpr auto nothrow = boost::asio::as_tuple(boost::asio::use_awaitable);

/// A coroutine throws this when its owner cancels it. It is neither a failure nor a timeout.
[[noreturn]] inline void throw_cancelled() {
    throw boost::system::system_error(boost::asio::error::operation_aborted);
}

/// Runs `work`, started in a new turn of the loop. Every coroutine that is spawned goes through here. Reason,
/// in Asio 1.81: a spawned coroutine that ends within its first turn finishes through another post. If the
/// coroutine was also cancelled in that turn (for example because it stopped its own group), that post
/// throws, and no handler catches it: the exception leaves run().
template<class T>
awaitable<T> from_next_turn(awaitable<T> work) {
    auto executor = co_await boost::asio::this_coro::executor;
    co_await boost::asio::post(executor, boost::asio::use_awaitable);
    if constexpr (std::is_void_v<T>) {
        co_await std::move(work);
    } else {
        auto value = co_await std::move(work);
        co_return value;
    }
}

/// The deadline of one operation. It is shared with the handler of its timer, because that handler may
/// already be queued when the operation ends.
struct operation_deadline {
    boost::asio::steady_timer timer;
    boost::asio::cancellation_signal signal;
    bool expired = false;
    bool ended = false;

    operation_deadline(const boost::asio::any_io_executor& executor, steady_duration after)
        : timer(executor, after) {}

    /// Cancels the operation, and again every 20 ms until it has ended. A cancellation signal reaches only an
    /// operation that waits at that moment. A composed operation that is between two steps (for example Beast
    /// reading a head) misses the signal and would go on for ever.
    static void cancel_until_ended(const std::shared_ptr<operation_deadline>& of) {
        constexpr auto repeat_cancel_after = std::chrono::milliseconds(20);
        of->signal.emit(boost::asio::cancellation_type::terminal);
        if (of->ended)
            return;
        of->timer.expires_after(repeat_cancel_after);
        of->timer.async_wait([of](error_code overtaken) {
            if (!overtaken && !of->ended)
                cancel_until_ended(of);
        });
    }
};

/// Runs `op` for at most `budget`. There are three separate outcomes: the result of `op`; an empty optional
/// when the budget ran out (`op` was cancelled and has ended); operation_aborted thrown when the caller
/// itself is cancelled. An exception of `op` is rethrown.
template<class T>
awaitable<std::optional<result<T>>> with_deadline(awaitable<result<T>> op, steady_duration budget) {
    namespace asio = boost::asio;
    auto executor = co_await asio::this_coro::executor;
    auto state = std::make_shared<operation_deadline>(executor, budget);

    // The token below replaces the cancellation slot that `op` would inherit, so the caller's cancellation
    // has to be forwarded by hand.
    auto parent = co_await asio::this_coro::cancellation_state;
    if (parent.slot().is_connected())
        parent.slot().assign(
            [state](asio::cancellation_type) { operation_deadline::cancel_until_ended(state); });

    state->timer.async_wait([state](error_code ec) {
        if (ec || state->ended)
            return;
        state->expired = true;
        operation_deadline::cancel_until_ended(state);
    });

    auto token = asio::bind_cancellation_slot(state->signal.slot(), nothrow);
    auto begun = from_next_turn(std::move(op));
    auto [error, value] = co_await asio::co_spawn(executor, std::move(begun), token);
    state->ended = true;
    state->timer.cancel();
    if (parent.slot().is_connected())
        parent.slot().clear();

    if (parent.cancelled() != asio::cancellation_type::none)
        throw_cancelled();
    if (state->expired && (error || !value))
        co_return std::nullopt;
    if (error)
        std::rethrow_exception(error);
    co_return std::optional<result<T>>(std::move(value));
}

/// Lets other handlers of the loop run. For a coroutine with a loop in it that may never have to wait for
/// anything. Throws operation_aborted when the caller is cancelled.
inline boost::asio::awaitable<void> yield_to_loop() {
    auto executor = co_await boost::asio::this_coro::executor;
    co_await boost::asio::post(executor, boost::asio::use_awaitable);
}

/// Like timer.async_wait(), but the pending wait does not keep run() from returning. Normally a loop has work
/// as long as a timer is waited for, so a command, or the daemon at its end, could not return from run()
/// before the timer fires. So this wait is removed from the loop's count of outstanding work, and added again
/// just before its handler runs, because Asio subtracts it after the handler as usual.
template<class Handler>
void async_wait_uncounted(boost::asio::steady_timer& timer, Handler handler) {
    using loop_executor = boost::asio::io_context::executor_type;
    const boost::asio::any_io_executor executor = timer.get_executor();
    timer.async_wait([executor, handler = std::move(handler)](const boost::system::error_code& error) {
        if (const auto* counted = executor.target<loop_executor>())
            counted->on_work_started();
        handler(error);
    });
    if (const auto* loop = executor.target<loop_executor>())
        loop->on_work_finished();
}

} // namespace replmond::net
