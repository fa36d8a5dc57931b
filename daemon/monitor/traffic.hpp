#pragma once

#include "daemon/cloud/request_gate.hpp"
#include "daemon/schedule/scheduler.hpp"

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
class traffic {
public:
    /// `begin`: a poll of that instance is to start; `stretched`: intervals of a project changed.
    struct hooks {
        std::function<void(schedule::instance_key)> begin;
        std::function<void(const schedule::stretch_change&)> stretched;
    };

    traffic(boost::asio::any_io_executor executor, int slots, hooks to);
    traffic(const traffic&) = delete;
    traffic& operator=(const traffic&) = delete;

    /// To be told of changes and ends; pump() afterwards.
    schedule::scheduler& plan() { return plan_; }
    const schedule::scheduler& plan() const { return plan_; }

    schedule::uptime up() const;
    boost::asio::any_io_executor executor() const { return executor_; }

    /// Does what the plan says is to be done now, and again when it is due. Before start() it does nothing.
    /// Where there is no memory for that, it is done a second later.
    void start();
    void pump();

    class hold;
    /// Begins nothing any more, and lets nothing out.
    void stop();

    /// Takes it out of the plan; whoever waits for it is cancelled.
    void remove(schedule::instance_key instance);
    void remove_project(schedule::project_key project);

    class gate;

private:
    class place;

    void pump_now();
    void pump_later() noexcept;
    void act(const schedule::scheduler::actions& to_do);
    void arm(std::optional<schedule::uptime> wake);

    boost::asio::any_io_executor executor_;
    hooks hooks_;
    schedule::scheduler plan_;
    std::chrono::steady_clock::time_point origin_;
    boost::asio::steady_timer timer_;
    std::optional<schedule::uptime> armed_;                      ///< when the timer rings
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true); ///< for the timer
    struct waiter {
        boost::asio::steady_timer* turn = nullptr; ///< never expires; cancelled to let it go
        schedule::project_key project = 0;
    };
    std::map<schedule::ticket, waiter> waiting_;
    bool running_ = false;
    int holds_ = 0;
    bool pumping_ = false;
    bool pump_again_ = false;
};

/// While one is there, pump() does nothing: many changes are looked at together, once.
class traffic::hold {
public:
    explicit hold(traffic& of) : of_(of) { ++of_.holds_; }
    hold(const hold&) = delete;
    hold& operator=(const hold&) = delete;
    ~hold() {
        --of_.holds_;
        of_.pump();
    }

private:
    traffic& of_;
};

/// One poll's, or one purpose's, way through the traffic. Counts its requests and how long it waited.
class traffic::gate final : public cloud::request_gate {
public:
    gate(traffic& of, schedule::project_key project, schedule::purpose what,
         std::optional<schedule::instance_key> poll = std::nullopt)
        : of_(of), project_(project), what_(what), poll_(poll) {}

    boost::asio::awaitable<schedule::ticket> admit() override;
    void ended(schedule::ticket admitted, bool sent, int status) override;
    void step_aside() override;

    /// The next request repeats one that failed.
    void repeats() { is_retry_ = true; }

    boost::asio::any_io_executor executor() const { return of_.executor_; }
    std::chrono::steady_clock::time_point at(schedule::uptime when) const { return of_.origin_ + when; }

    /// Requests that went out.
    int sent() const { return sent_; }
    /// Altogether.
    std::chrono::steady_clock::duration waited() const { return waited_; }

private:
    traffic& of_;
    schedule::project_key project_;
    schedule::purpose what_;
    std::optional<schedule::instance_key> poll_;
    bool is_retry_ = false;
    int sent_ = 0;
    std::chrono::steady_clock::duration waited_{};
};

} // namespace replmond::monitor
