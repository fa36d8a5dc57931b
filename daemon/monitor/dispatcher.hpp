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

/// The scheduler on a real clock: begins polls when they are due, lets requests out when it is their turn.
/// One thread only.
class dispatcher {
public:
    /// `begin`: a poll of that instance is to start; `stretched`: intervals of a project changed.
    struct callbacks {
        std::function<void(schedule::instance_key)> begin;
        std::function<void(const schedule::stretch_change&)> stretched;
    };

    dispatcher(boost::asio::any_io_executor executor, int slots, callbacks to);
    dispatcher(const dispatcher&) = delete;
    dispatcher& operator=(const dispatcher&) = delete;

    /// To be told of changes and ends; dispatch() afterwards.
    schedule::scheduler& scheduler() { return scheduler_; }
    const schedule::scheduler& scheduler() const { return scheduler_; }

    schedule::uptime up() const;
    boost::asio::any_io_executor executor() const { return executor_; }

    /// Does what the plan says is to be done now, and again when it is due. Before start() it does nothing.
    /// Where there is no memory for that, it is done a second later.
    void start();
    void dispatch();

    class batch;
    /// Begins nothing any more, and lets nothing out.
    void stop();

    /// Takes it out of the plan; whoever waits for it is cancelled.
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
    std::optional<schedule::uptime> timer_set_for_;              ///< when the timer rings
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true); ///< for the timer
    struct waiter {
        boost::asio::steady_timer* turn = nullptr; ///< never expires; cancelled to let it go
        schedule::project_key project = 0;
    };
    std::map<schedule::ticket, waiter> waiting_;
    bool running_ = false;
    int open_batches_ = 0;
    bool dispatching_ = false;
    bool dispatch_again_ = false;
};

/// While one is there, dispatch() does nothing: many changes are looked at together, once.
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

/// The permits of one poll, or of one other purpose. Counts its requests and how long it waited.
class dispatcher::permits final : public cloud::permit_source {
public:
    permits(dispatcher& of, schedule::project_key project, schedule::purpose what,
            std::optional<schedule::instance_key> poll = std::nullopt)
        : of_(of), project_(project), what_(what), poll_(poll) {}

    boost::asio::awaitable<schedule::ticket> acquire() override;
    void release(schedule::ticket admitted, bool sent, int status) override;
    void release_slot() override;

    /// The next request repeats one that failed.
    void repeats() { is_retry_ = true; }

    boost::asio::any_io_executor executor() const { return of_.executor_; }
    std::chrono::steady_clock::time_point at(schedule::uptime when) const { return of_.origin_ + when; }

    /// Requests that went out.
    int sent() const { return sent_; }
    /// Altogether.
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
