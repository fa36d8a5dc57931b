#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstddef>
#include <exception>
#include <functional>
#include <list>
#include <utility>

namespace replmond::net {

/// Owns coroutines: spawn, stop, join. To be used from the loop's thread only. The group must outlive every
/// coroutine in it; destroying it while one runs is a bug (asserted).
class task_group {
public:
    explicit task_group(boost::asio::any_io_executor executor);
    task_group(const task_group&) = delete;
    task_group& operator=(const task_group&) = delete;
    ~task_group();

    /// Starts `work` at the loop's next turn. If an exception leaves `work` while the group is not stopping,
    /// the group keeps it for join() and stops: a coroutine that must survive its own errors catches them
    /// itself. After stop() nothing is started. Throws std::bad_alloc.
    void spawn(boost::asio::awaitable<void> work);

    /// Sets a function that is called on the loop, at once, with the first exception that leaves a coroutine,
    /// before the group stops.
    void on_failure(std::function<void(const std::exception_ptr&)> told) { failed_ = std::move(told); }

    /// Cancels every coroutine (terminal). Each sees operation_aborted at its next co_await. To be called on
    /// the loop only: when called from another thread, Asio queues the cancellation with a pointer into a
    /// child that may have ended before the cancellation runs.
    void stop();

    bool stopping() const { return stopping_; }
    std::size_t size() const { return children_.size(); }

    /// Ends when every coroutine has ended, then rethrows the exception that stopped the group, if there is
    /// one.
    boost::asio::awaitable<void> join();

private:
    void ended(std::list<boost::asio::cancellation_signal>::iterator child, const std::exception_ptr& error);

    boost::asio::any_io_executor executor_;
    std::list<boost::asio::cancellation_signal> children_;
    boost::asio::steady_timer all_ended_; ///< never expires; cancelled to wake join()
    std::exception_ptr first_error_;
    std::function<void(const std::exception_ptr&)> failed_;
    bool stopping_ = false;
};

/// Runs the loop until it has nothing left to do, or until an exception leaves a coroutine of `group` or any
/// other handler of the loop. Returns that exception at once, or nullptr if there was none. After an
/// exception, operations are still pending on the loop: destroy nothing, and leave by _Exit.
std::exception_ptr run_until_done(boost::asio::io_context& loop, task_group& group);

} // namespace replmond::net
