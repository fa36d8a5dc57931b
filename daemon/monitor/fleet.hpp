#pragma once

#include "daemon/cloud/project_api.hpp"
#include "daemon/core/config/secret.hpp"
#include "daemon/core/config/settings.hpp"
#include "daemon/core/model/event.hpp"
#include "daemon/core/model/instance.hpp"
#include "daemon/core/schedule/scheduler.hpp"
#include "daemon/core/tracking/failure_reporter.hpp"
#include "daemon/core/tracking/reasons.hpp"
#include "daemon/core/tracking/tracker.hpp"
#include "daemon/database/workers.hpp"
#include "daemon/monitor/dispatcher.hpp"
#include "daemon/monitor/read_list.hpp"
#include "daemon/net/task_group.hpp"

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace replmond::monitor {

/// What is known of one instance.
struct instance_view {
    const instance_state& state; ///< stays at this address until on_removed()
    const failing_run& failing;
    bool tasks_changed = true; ///< false: only facts of the poll have changed since the last report
};

/// Receives what the monitor learns. Called on the event loop; must not block.
class observer {
public:
    virtual ~observer() = default;
    /// What was known of an instance before. Called when the instance is added, and when its project's id is
    /// learned.
    virtual std::optional<instance_past> recall(const instance_identity& of) = 0;
    /// A poll of this instance has ended, or it was added, or its settings have changed. `events` belong to
    /// this change, in order.
    virtual void on_changed(const instance_view& of, std::vector<event> events) = 0;
    /// The lag of this instance was read. `events` belong to this, in order.
    virtual void on_lag(const instance_view& of, std::vector<event> events) = 0;
    /// The instance is not polled any more.
    virtual void on_removed(const instance_view& of) = 0;
    /// An event that is not about an instance.
    virtual void on_line(event line) = 0;
    /// Values that could not be read, each once for every poll.
    virtual void on_unexpected(const instance_identity& of, const std::vector<unexpected_value>& values) = 0;
};

/// One instance to poll, with its settings. `request_timeout`: for one request.
struct watched_instance {
    instance_identity identity;
    schedule::project_key project = 0;
    milliseconds interval{};
    milliseconds request_timeout{};
    int page_size = 100;
    std::shared_ptr<cloud::project_api> api;
    bool discovered = false;
    /// Nothing: the lag is not measured. The host and the interval are set.
    std::optional<config::lag_settings> lag = {};

    bool operator==(const watched_instance&) const = default;
};

/// `concurrency`: the number of slots. `repeat_interval`: how often a lasting problem is logged again.
/// `places`: where passwords of databases are looked up.
struct fleet_settings {
    int concurrency = 16;
    milliseconds repeat_interval{};
    config::lookup places = {};
};

/// All instances that are polled, and the requests of all projects. Instances and projects may be added and
/// removed while it runs. To be used from the loop's thread.
class fleet {
public:
    fleet(boost::asio::any_io_executor executor, fleet_settings settings, observer& out);

    /// Takes new settings; polls that run go on.
    void change(fleet_settings settings);

    /// A key that add_project() was not given yet; so are all higher ones.
    schedule::project_key next_project() const { return last_project_ + 1; }
    void add_project(schedule::project_key project, std::string name, schedule::budget_limits limits);
    void change_project(schedule::project_key project, schedule::budget_limits limits);
    /// To be called after the project's instances were removed.
    void remove_project(schedule::project_key project);

    /// Adds all instances or, if it throws, none; the observer is notified of each at once. Their first polls
    /// are spread over min(interval, 10 s).
    std::vector<schedule::instance_key> add(std::vector<watched_instance> instances);
    /// Changes the settings from the next poll on; tasks, ages and counters stay. The id must be the same.
    void change(schedule::instance_key instance, watched_instance to);
    /// Removes an instance; the result of a poll that runs is dropped.
    void remove(schedule::instance_key instance);

    /// Starts polling, in `group`. The fleet must outlive the group.
    void run(net::task_group& group);
    void stop() { dispatcher_.stop(); }

    /// True once every instance that existed at run() has ended its first poll, or two minutes after run()
    /// (the contract, "HTTP").
    bool ready() const;
    /// How many of these instances have not ended their first poll.
    std::size_t first_polls_left() const { return first_polls_left_; }
    /// The names of the instances whose poll should have started or ended long ago: see
    /// schedule::is_overdue().
    std::vector<std::string> overdue(schedule::overdue_limits limits = {longest_poll,
                                                                        std::chrono::seconds(30)}) const;

    std::size_t size() const { return entries_.size(); }
    const instance_state& state(schedule::instance_key of) const { return entries_.at(of)->state; }
    /// Calls `what` with each instance.
    void each(const std::function<void(const instance_view&)>& what) const;
    /// Whether a thread waits for a database: then the process must leave by _Exit.
    bool databases_out() const { return databases_.is_busy(); }
    dispatcher& requests() { return dispatcher_; }
    const dispatcher& requests() const { return dispatcher_; }

private:
    struct lag_watch;

    struct entry {
        watched_instance settings;
        schedule::instance_key key;
        instance_state state;
        tracking::tracker tracking;
        tracking::poll_reporter health;
        tracking::reading_memory memory;
        std::vector<event> events; ///< not reported yet
        bool recalled = false;
        bool removed = false;
        bool awaited = false;      ///< ready() waits for its first poll
        bool tasks_changed = true; ///< in the poll that ended last
        /// A reason was asked for since then, which has to be stored too.
        bool reason_asked = false;
        /// The counted result of a poll, until the observer was notified.
        std::optional<poll_result> unreported;
        /// No task is, or was at the previous poll, in a state for which there are reasons.
        bool no_reasons_wanted = false;
        std::shared_ptr<lag_watch> lag; ///< null: the lag is not measured
        entry(watched_instance instance, schedule::instance_key is, milliseconds repeat_interval);
        schedule::project_key project() const { return settings.project; }
        instance_view view() const { return {state, health.so_far(), tasks_changed}; }
    };
    using entry_ptr = std::shared_ptr<entry>;

    void begin(schedule::instance_key instance);
    boost::asio::awaitable<void> poll(entry_ptr of);
    boost::asio::awaitable<void> read(entry_ptr of);
    void failed_internally(entry& of, bool poll_has_ended, const char* why);
    void count_failed(entry& of, const char* why);
    void log_broken(const entry& of, const char* why);
    boost::asio::awaitable<void> ask_for_reasons(entry_ptr of);
    boost::asio::awaitable<result<bool>> ask_for_reason(entry_ptr of, std::string task);
    void pause_after(entry& of, const failure& why);
    void report_reasons(const entry& of, std::string_view task, const failure* why);
    void forget_reasons(const entry& of);
    void give_up(const entry& of);
    schedule::retry_decision decide(const entry& of, const failure& why, int attempts, int retries);
    void first_poll_ended(entry& of);
    void show_interval(entry& of);
    void intervals_stretched(const schedule::stretch_change& change);
    boost::asio::awaitable<void> notify_intervals();
    void add_one(watched_instance instance, schedule::uptime first);
    void count(entry& of, poll_result result);
    void recall(entry& of);
    void notify(entry& of);
    void watch_lag(const entry_ptr& of);
    void stop_watching_lag(entry& of);
    boost::asio::awaitable<void> read_lag_in_turns(entry_ptr of, std::shared_ptr<lag_watch> by);
    boost::asio::awaitable<void> read_lag(entry_ptr of, std::shared_ptr<lag_watch> by);
    void take_in_reading(entry& of, tracking::reading seen, instant now);
    void take_in(entry& of, list_outcome outcome, instant now);
    void take_failure(entry& of, const failure& why, int attempts, instant now);
    bool note_poll_end(entry& of, instant now);

    boost::asio::any_io_executor executor_;
    fleet_settings settings_;
    observer& out_;
    dispatcher dispatcher_;
    std::map<schedule::instance_key, entry_ptr> entries_;
    std::map<schedule::project_key, std::string> projects_; ///< names by key
    /// Reporters by project of whether error texts can be had.
    std::map<schedule::project_key, tracking::reason_reporter> reasons_;
    schedule::instance_key last_instance_ = 0;
    schedule::project_key last_project_ = 0;
    std::minstd_rand random_;
    database::workers databases_;
    net::task_group* group_ = nullptr;
    std::set<schedule::instance_key> stretched_; ///< instances whose new interval is to be reported
    bool notifying_intervals_ = false;
    schedule::uptime started_{};
    std::size_t first_polls_left_ = 0;
};

} // namespace replmond::monitor
