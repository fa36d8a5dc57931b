#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <stdexcept>
#include <type_traits>
#include <utility>
#include <variant>

/// Tests drive the loop themselves and await conditions, never times. They are no coroutines: what they await
/// is an argument here, so nothing stands beside a co_await.
namespace replmond::testing {

/// Long enough for the slowest machine: only a hang reaches it.
constexpr auto patience = std::chrono::seconds(60);

/// Runs the loop until `reached()`; throws when that does not come, or cannot come any more.
template<class Predicate>
void run_until(boost::asio::io_context& loop, Predicate reached) {
    const auto give_up = std::chrono::steady_clock::now() + patience;
    loop.restart();
    while (!reached()) {
        if (loop.run_one_until(give_up) == 0)
            throw std::runtime_error(loop.stopped() ? "the loop ran dry before the condition was met"
                                                    : "the condition was not met: something hangs");
    }
}

/// Runs the loop until it has nothing to do; throws when something stays.
inline void run_dry(boost::asio::io_context& loop) {
    loop.restart();
    loop.run_for(patience);
    if (!loop.stopped())
        throw std::runtime_error("something is left on the loop");
}

/// A coroutine that was started: it can be cancelled, and waited for.
template<class T>
struct started {
    using value_type = std::conditional_t<std::is_void_v<T>, std::monostate, T>;

    boost::asio::cancellation_signal signal;
    bool done = false;
    std::exception_ptr error;
    std::optional<value_type> value;
};

/// Cancels it at the loop's next turn. Never from outside the loop: Asio would queue the emission itself,
/// with a pointer that dangles once the coroutine has ended.
template<class T>
void cancel(boost::asio::io_context& loop, const std::shared_ptr<started<T>>& running) {
    boost::asio::post(loop, [running] {
        if (!running->done)
            running->signal.emit(boost::asio::cancellation_type::terminal);
    });
}

template<class T>
std::shared_ptr<started<T>> start(boost::asio::io_context& loop, boost::asio::awaitable<T> work) {
    auto running = std::make_shared<started<T>>();
    const auto slot = running->signal.slot();
    // The handler owns it too: the signal must outlive the coroutine.
    if constexpr (std::is_void_v<T>) {
        auto on_end = [running](std::exception_ptr error) {
            running->error = error;
            running->done = true;
        };
        boost::asio::co_spawn(loop, std::move(work),
                              boost::asio::bind_cancellation_slot(slot, std::move(on_end)));
    } else {
        auto on_end = [running](std::exception_ptr error, T value) {
            running->error = error;
            running->value = std::move(value);
            running->done = true;
        };
        boost::asio::co_spawn(loop, std::move(work),
                              boost::asio::bind_cancellation_slot(slot, std::move(on_end)));
    }
    return running;
}

/// Waits for its end; gives what it gave, or throws what it threw.
template<class T>
T finish(boost::asio::io_context& loop, const std::shared_ptr<started<T>>& running) {
    run_until(loop, [&] { return running->done; });
    if (running->error)
        std::rethrow_exception(running->error);
    if constexpr (!std::is_void_v<T>)
        return std::move(*running->value);
}

/// start() and finish().
template<class T>
T run(boost::asio::io_context& loop, boost::asio::awaitable<T> work) {
    const auto running = start(loop, std::move(work));
    return finish(loop, running);
}

} // namespace replmond::testing
