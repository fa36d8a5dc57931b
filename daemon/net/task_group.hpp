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

/// Owns coroutines: spawn, stop, join. One thread only. The group must outlive every coroutine in it;
/// destroying it while one runs is a bug (asserted).
class task_group {
public:
    explicit task_group(boost::asio::any_io_executor executor);
    task_group(const task_group&) = delete;
    task_group& operator=(const task_group&) = delete;
    ~task_group();

    /// Starts `work`, at the loop's next turn. An exception that leaves it while the group is not stopping is
    /// remembered and stops the group: a coroutine that must survive its errors catches them itself. After
    /// stop() nothing is started.
    void spawn(boost::asio::awaitable<void> work);

    /// Called on the loop, at once, with the first exception that leaves a coroutine, before the group stops.
    void on_failure(std::function<void(const std::exception_ptr&)> told) { failed_ = std::move(told); }

    /// Cancels every coroutine (terminal). Each sees operation_aborted at its next co_await. To be called on
    /// the loop: from outside it Asio queues the cancellation, with pointers into a child that may end
    /// before.
    void stop();

    bool stopping() const { return stopping_; }
    std::size_t size() const { return children_.size(); }

    /// Ends when every coroutine has ended, then throws the exception remembered, if there is one.
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

/// Runs the loop until it has nothing left to do, or until an exception leaves a coroutine of `group` or
/// anything else on the loop. That one is returned at once, whatever still waits on the loop: destroy nothing
/// then, leave by _Exit. Else nullptr.
std::exception_ptr run_until_done(boost::asio::io_context& loop, task_group& group);

} // namespace replmond::net
