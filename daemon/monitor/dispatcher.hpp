#pragma once

#include "daemon/cloud/permit_source.hpp"
#include "daemon/core/schedule/scheduler.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>

namespace replmond::monitor {

/// Runs the scheduler on a real clock: starts polls when they are due, and lets requests be sent when it is
/// their turn. To be used from one thread.
class dispatcher {
public:
    /// `begin`: a poll of that instance is to start. `stretched`: the intervals of a project have changed.
    struct callbacks {
        std::function<void(schedule::instance_key)> begin;
        std::function<void(const schedule::stretch_change&)> stretched;
    };

    dispatcher(boost::asio::any_io_executor executor, int slots, callbacks to);
    dispatcher(const dispatcher&) = delete;
    dispatcher& operator=(const dispatcher&) = delete;

    /// For changes of the plan; to be followed by dispatch().
    schedule::scheduler& scheduler() { return scheduler_; }
    const schedule::scheduler& scheduler() const { return scheduler_; }

    /// Time since the dispatcher was made.
    schedule::uptime up() const;
    boost::asio::any_io_executor executor() const { return executor_; }

    /// Does what the plan says is due now, and sets a timer for the rest. Before start() it does nothing. If
    /// there is no memory for it, it is tried again a second later.
    void start();
    void dispatch();

    class batch;
    /// Starts no more polls, and permits no more requests.
    void stop();

    /// Takes an instance or a project out of the plan. A coroutine that waits for one of its permits is
    /// cancelled.
    void remove(schedule::instance_key instance);
    void remove_project(schedule::project_key project);

    class permits;

private:
    class queued_request;

    void dispatch_now();
    void dispatch_later() noexcept;
    void perform(const schedule::scheduler::actions& to_do);
    void set_timer(std::optional<schedule::uptime> wake);

    boost::asio::any_io_executor executor_;
    callbacks callbacks_;
    schedule::scheduler scheduler_;
    std::chrono::steady_clock::time_point origin_;
    boost::asio::steady_timer timer_;
    std::optional<schedule::uptime> timer_set_for_; ///< when the timer fires
    /// Lets the timer's handler see whether the dispatcher still exists.
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
    struct waiter {
        /// Never expires; used as a latch: cancelled to wake the request.
        boost::asio::steady_timer* turn = nullptr;
        schedule::project_key project = 0;
    };
    std::map<schedule::ticket, waiter> waiting_;
    bool running_ = false;
    int open_batches_ = 0;
    bool dispatching_ = false;
    bool dispatch_again_ = false;
};

/// While one exists, dispatch() does nothing: the plan is looked at once, after many changes.
class dispatcher::batch {
public:
    explicit batch(dispatcher& of) : of_(of) { ++of_.open_batches_; }
    batch(const batch&) = delete;
    batch& operator=(const batch&) = delete;
    ~batch() {
        --of_.open_batches_;
        of_.dispatch();
    }

private:
    dispatcher& of_;
};

/// The permits of one poll, or of another purpose. Counts its requests and the time that it has waited.
class dispatcher::permits final : public cloud::permit_source {
public:
    permits(dispatcher& of, schedule::project_key project, schedule::purpose what,
            std::optional<schedule::instance_key> poll = std::nullopt)
        : of_(of), project_(project), what_(what), poll_(poll) {}

    boost::asio::awaitable<schedule::ticket> acquire() override;
    void release(schedule::ticket admitted, bool sent, int status) override;
    void release_slot() override;

    /// The next request repeats a failed one.
    void repeats() { is_retry_ = true; }

    boost::asio::any_io_executor executor() const { return of_.executor_; }
    std::chrono::steady_clock::time_point at(schedule::uptime when) const { return of_.origin_ + when; }

    /// Requests that were sent.
    int sent() const { return sent_; }
    /// Total time waited for permits.
    std::chrono::steady_clock::duration waited() const { return waited_; }

private:
    dispatcher& of_;
    schedule::project_key project_;
    schedule::purpose what_;
    std::optional<schedule::instance_key> poll_;
    bool is_retry_ = false;
    int sent_ = 0;
    std::chrono::steady_clock::duration waited_{};
};

} // namespace replmond::monitor
