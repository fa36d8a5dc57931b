#pragma once

#include "daemon/cloud/project_api.hpp"
#include "daemon/core/model/event.hpp"
#include "daemon/core/model/instance.hpp"
#include "daemon/core/schedule/scheduler.hpp"
#include "daemon/core/tracking/failure_reporter.hpp"
#include "daemon/core/tracking/reasons.hpp"
#include "daemon/core/tracking/tracker.hpp"
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

/// All that is known of an instance.
struct instance_view {
    const instance_state& state; ///< stays where it is until on_removed()
    const failing_run& failing;
    const departed_tasks& departed;
    bool tasks_changed = true; ///< false: since it was last told, only the facts of the poll have changed
};

/// Told what the monitor learned. Called on the event loop; must not block.
class observer {
public:
    virtual ~observer() = default;
    /// What is known of an instance from before; asked when it is new, and when its project's id is learned.
    virtual std::optional<instance_past> recall(const instance_identity& of) = 0;
    /// A poll of this instance ended, or it is new, or its settings changed: its state, and the events that
    /// belong to the change, in order.
    virtual void on_changed(const instance_view& of, std::vector<event> events) = 0;
    /// It is not watched any more.
    virtual void on_removed(const instance_view& of) = 0;
    /// Something that is not about an instance.
    virtual void on_line(event line) = 0;
    /// Values that could not be read, once for each and each poll.
    virtual void on_unexpected(const instance_identity& of, const std::vector<unexpected_value>& values) = 0;
};

struct watched_instance {
    instance_identity identity;
    schedule::project_key project = 0;
    milliseconds interval{};
    milliseconds request_timeout{};
    int page_size = 100;
    std::shared_ptr<cloud::project_api> api;
    bool discovered = false;

    bool operator==(const watched_instance&) const = default;
};

struct fleet_settings {
    int concurrency = 16;
    milliseconds repeat_interval{};
};

/// Every instance that is polled, and the requests of all projects. Instances and projects come and go while
/// it runs.
class fleet {
public:
    fleet(boost::asio::any_io_executor executor, fleet_settings settings, observer& out);

    void change(fleet_settings settings);

    /// A key that add_project() was not given yet, and the ones after it.
    schedule::project_key next_project() const { return last_project_ + 1; }
    void add_project(schedule::project_key project, std::string name, schedule::budget_limits limits);
    void change_project(schedule::project_key project, schedule::budget_limits limits);
    /// After its instances.
    void remove_project(schedule::project_key project);

    /// Adds instances, all or none; their series exist from now on. Their first polls are spread over
    /// min(interval, 10 s).
    std::vector<schedule::instance_key> add(std::vector<watched_instance> instances);
    /// Takes new settings for the next poll; tasks, ages and counters stay. The id must be the same.
    void change(schedule::instance_key instance, watched_instance to);
    /// Its series go; a poll that runs ends unheard.
    void remove(schedule::instance_key instance);

    /// Starts polling, in `group`, which the fleet must outlive.
    void run(net::task_group& group);
    void stop() { dispatcher_.stop(); }

    /// True once every instance known at run() has ended its first poll, or two minutes after it.
    bool ready() const;
    /// Of those that ready() waits for: who has not ended its first poll.
    std::size_t first_polls_left() const { return first_polls_left_; }
    /// The names of those whose poll should have begun or ended long ago: see schedule::is_overdue().
    std::vector<std::string> overdue(schedule::overdue_limits limits = {longest_poll,
                                                                        std::chrono::seconds(30)}) const;

    std::size_t size() const { return entries_.size(); }
    const instance_state& state(schedule::instance_key of) const { return entries_.at(of)->state; }
    /// Calls `what` with each instance.
    void each(const std::function<void(const instance_view&)>& what) const;
    dispatcher& requests() { return dispatcher_; }
    const dispatcher& requests() const { return dispatcher_; }

private:
    struct entry {
        watched_instance settings;
        schedule::instance_key key;
        instance_state state;
        tracking::tracker tracking;
        tracking::poll_reporter health;
        tracking::reading_memory memory;
        std::vector<event> events; ///< not told yet
        bool recalled = false;
        bool removed = false;
        bool awaited = false;                  ///< ready() waits for its first poll
        bool tasks_changed = true;             ///< by the poll that ended last
        bool reason_asked = false;             ///< since then, which is to be kept as well
        std::optional<poll_result> unreported; ///< how the poll was counted, until the observer knows
        bool all_well = false; ///< no task has, or had at the poll before, what there are reasons for
        entry(watched_instance instance, schedule::instance_key is, milliseconds repeat_interval);
        schedule::project_key project() const { return settings.project; }
        instance_view view() const { return {state, health.so_far(), tracking.departed(), tasks_changed}; }
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
    void take_in_reading(entry& of, tracking::reading seen, instant now);
    void take_in(entry& of, list_outcome outcome, instant now);
    void take_failure(entry& of, const failure& why, int attempts, instant now);
    bool note_poll_end(entry& of, instant now);

    boost::asio::any_io_executor executor_;
    fleet_settings settings_;
    observer& out_;
    dispatcher dispatcher_;
    std::map<schedule::instance_key, entry_ptr> entries_;
    std::map<schedule::project_key, std::string> projects_;              ///< names
    std::map<schedule::project_key, tracking::reason_reporter> reasons_; ///< whether error texts can be had
    schedule::instance_key last_instance_ = 0;
    schedule::project_key last_project_ = 0;
    std::minstd_rand random_;
    net::task_group* group_ = nullptr;
    std::set<schedule::instance_key> stretched_; ///< whose new interval is to be told
    bool notifying_intervals_ = false;
    schedule::uptime started_{};
    std::size_t first_polls_left_ = 0;
};

} // namespace replmond::monitor
