#pragma once

#include "daemon/cloud/project_api.hpp"
#include "daemon/model/event.hpp"
#include "daemon/model/instance.hpp"
#include "daemon/monitor/poll_health.hpp"
#include "daemon/monitor/read_list.hpp"
#include "daemon/monitor/schedule.hpp"
#include "daemon/monitor/slots.hpp"
#include "daemon/monitor/tracker.hpp"
#include "daemon/net/task_group.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <memory>
#include <vector>

namespace replmond::monitor {

/// Told what the monitor learned. Called on the event loop; must not block.
class observer {
public:
    virtual ~observer() = default;
    /// Something happened; in order.
    virtual void on_events(std::vector<event> events) = 0;
    /// A poll of this instance ended, or the instance is new. `state` stays where it is as long as the fleet
    /// lives.
    virtual void on_changed(const instance_state& state, timestamp now) = 0;
    /// Values that could not be read, once for each and each poll.
    virtual void on_unexpected(const instance_identity& of, const std::vector<unexpected_value>& values) = 0;
};

struct watched_instance {
    instance_identity identity;
    milliseconds interval{};
    milliseconds request_timeout{};
    int page_size = 100;
    cloud::project_api* api = nullptr; ///< outlives the fleet
};

struct fleet_settings {
    int concurrency = 16;
    milliseconds repeat_interval{};
};

/// Every instance that is polled: one coroutine each, on a fixed grid, at most `concurrency` of them at once.
class fleet {
public:
    fleet(boost::asio::any_io_executor executor, fleet_settings settings, observer& out);

    /// Before run(): adds an instance; its series exist from now on.
    void add(watched_instance instance);

    /// Starts polling, in `group`.
    void run(net::task_group& group);

    /// True once every instance has ended its first poll, or two minutes after run().
    bool ready() const;

    std::size_t size() const { return entries_.size(); }

private:
    struct entry {
        watched_instance settings;
        instance_state state;
        tracker tracking;
        poll_health health;
        reading_memory memory;
        entry(watched_instance instance, milliseconds repeat_interval);
    };

    boost::asio::awaitable<void> watch(entry& of, uptime first);
    boost::asio::awaitable<void> poll(entry& of);
    boost::asio::awaitable<void> ask_for_reasons(entry& of, uptime until);
    void say(event line);
    void take_in(entry& of, result<reading> outcome, timestamp now);
    void take_failure(entry& of, const failure& why, timestamp now);
    uptime up() const;

    boost::asio::any_io_executor executor_;
    fleet_settings settings_;
    observer& out_;
    slots slots_;
    std::vector<std::unique_ptr<entry>> entries_;
    std::chrono::steady_clock::time_point started_;
    std::size_t first_polls_left_ = 0;
};

} // namespace replmond::monitor
