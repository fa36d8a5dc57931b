// The instances that are polled: how they are added, changed and removed, and how the observer is notified.

#include "daemon/monitor/fleet.hpp"

#include "daemon/core/schedule/stable_hash.hpp"
#include "daemon/core/tracking/failure_reporter.hpp"
#include "daemon/core/tracking/tracker.hpp"
#include "daemon/net/async.hpp"
#include "daemon/net/clocks.hpp"

#include <algorithm>
#include <exception>
#include <new>
#include <numeric>
#include <utility>

namespace replmond::monitor {

namespace asio = boost::asio;

namespace {

constexpr auto longest_wait_for_ready = std::chrono::minutes(2);
constexpr int told_in_a_turn = 200; // intervals; a few milliseconds

// The order of the first polls: by a hash of the id, not as configured. Instances that hang may be neighbours
// in the configuration, and as long as no request with a credential was accepted, each of them would delay
// all others that use it.
std::vector<std::size_t> shuffled(const std::vector<watched_instance>& instances) {
    std::vector<std::size_t> order(instances.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return schedule::stable_hash(instances[a].identity.id) <
               schedule::stable_hash(instances[b].identity.id);
    });
    std::vector<std::size_t> positions(instances.size());
    for (std::size_t turn = 0; turn < order.size(); ++turn)
        positions[order[turn]] = turn;
    return positions;
}

} // namespace

fleet::entry::entry(watched_instance instance, schedule::instance_key is, milliseconds repeat_interval)
    : settings(std::move(instance)), key(is), tracking(repeat_interval), health(repeat_interval) {
    state.identity = settings.identity;
    state.discovered = settings.discovered;
}

fleet::fleet(asio::any_io_executor executor, fleet_settings settings, observer& out)
    : executor_(executor), settings_(std::move(settings)), out_(out),
      dispatcher_(executor, settings_.concurrency,
                  {[this](schedule::instance_key due) { begin(due); },
                   [this](const schedule::stretch_change& change) { intervals_stretched(change); }}),
      random_(std::random_device()()) {}

void fleet::change(fleet_settings settings) {
    settings_ = std::move(settings);
    dispatcher_.scheduler().change_slots(settings_.concurrency);
    for (const auto& [key, of] : entries_) {
        of->tracking.set_repeat_interval(settings_.repeat_interval);
        of->health.set_repeat_interval(settings_.repeat_interval);
    }
    for (auto& [project, health] : reasons_)
        health.set_repeat_interval(settings_.repeat_interval);
    dispatcher_.dispatch();
}

void fleet::add_project(schedule::project_key project, std::string name, schedule::budget_limits limits) {
    last_project_ = std::max(last_project_, project);
    reasons_.emplace(project, tracking::reason_reporter(name, settings_.repeat_interval));
    projects_.emplace(project, std::move(name));
    dispatcher_.scheduler().add_project(project, limits);
}

void fleet::change_project(schedule::project_key project, schedule::budget_limits limits) {
    dispatcher_.scheduler().change_project(project, limits, dispatcher_.up());
    dispatcher_.dispatch();
}

void fleet::remove_project(schedule::project_key project) {
    projects_.erase(project);
    reasons_.erase(project);
    dispatcher_.remove_project(project);
}

std::vector<schedule::instance_key> fleet::add(std::vector<watched_instance> instances) {
    std::vector<schedule::instance_key> keys;
    const std::vector<std::size_t> positions = shuffled(instances);
    const auto now = group_ == nullptr ? schedule::uptime(0) : dispatcher_.up();
    keys.reserve(instances.size());
    const dispatcher::batch until_all_are_there(dispatcher_);
    try {
        for (watched_instance& instance : instances) {
            const auto first =
                now + schedule::first_poll(positions[keys.size()], positions.size(), instance.interval);
            keys.push_back(++last_instance_);
            add_one(std::move(instance), first);
        }
    } catch (const std::exception&) {
        for (const auto key : keys)
            remove(key);
        throw;
    }
    return keys;
}

void fleet::add_one(watched_instance instance, schedule::uptime first) {
    auto added = std::make_shared<entry>(std::move(instance), last_instance_, settings_.repeat_interval);
    entries_.emplace(added->key, added);
    const auto& settings = added->settings;
    dispatcher_.scheduler().add(added->key, settings.project, settings.identity.id, settings.interval, first);
    show_interval(*added);
    recall(*added);
    if (added->settings.lag)
        added->state.lag.emplace();
    notify(*added);
    watch_lag(added);
}

void fleet::change(schedule::instance_key instance, watched_instance to) {
    entry& of = *entries_.at(instance);
    if (to.project != of.project()) {
        forget_reasons(of);
        dispatcher_.scheduler().move(instance, to.project);
    }
    if (to.interval != of.settings.interval)
        dispatcher_.scheduler().change_interval(instance, to.interval, dispatcher_.up());
    if (to.identity.project_id.empty())
        to.identity.project_id = of.state.identity.project_id;
    const bool lag_changes = to.lag != of.settings.lag;
    of.settings = std::move(to);
    if (lag_changes)
        stop_watching_lag(of);
    if (lag_changes && of.settings.lag)
        of.state.lag.emplace();
    of.state.identity = of.settings.identity;
    of.state.discovered = of.settings.discovered;
    show_interval(of);
    notify(of);
    if (lag_changes)
        watch_lag(entries_.at(instance));
    dispatcher_.dispatch();
}

void fleet::remove(schedule::instance_key instance) {
    const auto found = entries_.find(instance);
    if (found == entries_.end())
        return;
    const entry_ptr gone = found->second;
    gone->removed = true;
    stop_watching_lag(*gone);
    forget_reasons(*gone);
    first_poll_ended(*gone);
    entries_.erase(found);
    dispatcher_.remove(instance);
    out_.on_removed(gone->view());
}

void fleet::forget_reasons(const entry& of) {
    const auto health = reasons_.find(of.project());
    if (health != reasons_.end())
        health->second.forget(of.settings.identity.id);
}

void fleet::run(net::task_group& group) {
    group_ = &group;
    started_ = dispatcher_.up();
    for (const auto& [key, of] : entries_)
        of->awaited = true;
    first_polls_left_ = entries_.size();
    dispatcher_.start();
    for (const auto& [key, of] : entries_)
        watch_lag(of);
}

bool fleet::ready() const {
    return group_ != nullptr &&
           (first_polls_left_ == 0 || dispatcher_.up() - started_ >= longest_wait_for_ready);
}

std::vector<std::string> fleet::overdue(schedule::overdue_limits limits) const {
    std::vector<std::string> names;
    if (group_ == nullptr || group_->stopping())
        return names;
    for (const auto key : dispatcher_.scheduler().overdue(limits, dispatcher_.up()))
        names.push_back(entries_.at(key)->state.identity.name);
    return names;
}

void fleet::first_poll_ended(entry& of) {
    if (std::exchange(of.awaited, false))
        --first_polls_left_;
}

void fleet::begin(schedule::instance_key instance) {
    const auto found = entries_.find(instance);
    if (group_->stopping() || found == entries_.end())
        return;
    try {
        group_->spawn(poll(found->second));
    } catch (const std::exception& e) {
        failed_internally(*found->second, false, e.what());
    }
}

void fleet::show_interval(entry& of) {
    of.state.interval = dispatcher_.scheduler().interval_in_force(of.key);
    of.state.next_poll = net::wall_clock() + (dispatcher_.scheduler().next_tick(of.key) - dispatcher_.up());
}

void fleet::intervals_stretched(const schedule::stretch_change& change) {
    try {
        for (const auto& [key, of] : entries_) {
            if (of->project() == change.project)
                stretched_.insert(key);
        }
        if (!notifying_intervals_)
            group_->spawn(notify_intervals());
        notifying_intervals_ = true;
        if (auto line = tracking::stretch_event(projects_.at(change.project), change, net::wall_clock()))
            out_.on_line(std::move(*line));
    } catch (const std::bad_alloc&) {
        // Each interval is reported by the instance's next poll.
    }
}

// Reports some instances in each turn of the loop, because there may be thousands. Their tasks have not
// changed since they were last reported.
asio::awaitable<void> fleet::notify_intervals() {
    auto executor = co_await asio::this_coro::executor;
    const auto tell_one = [this](entry& of) {
        show_interval(of);
        of.tasks_changed = false;
        try {
            notify(of);
        } catch (const std::exception&) {
            of.tasks_changed = true; // its next poll reports it
        }
    };
    try {
        while (!stretched_.empty()) {
            for (int told = 0; told < told_in_a_turn && !stretched_.empty(); ++told) {
                const auto found = entries_.find(stretched_.extract(stretched_.begin()).value());
                if (found != entries_.end())
                    tell_one(*found->second);
            }
            co_await asio::post(executor, asio::use_awaitable);
        }
    } catch (const std::bad_alloc&) {
        // The rest is reported by their next polls, or when intervals are stretched again.
    }
    notifying_intervals_ = false;
}

void fleet::notify(entry& of) {
    out_.on_changed(of.view(), std::exchange(of.events, {}));
    of.tasks_changed = true;
    of.unreported.reset();
}

void fleet::each(const std::function<void(const instance_view&)>& what) const {
    for (const auto& [key, of] : entries_)
        what(of->view());
}

// The tasks that were known before a restart are shown at once, and go stale unless a poll sees them. If
// polls were failing before the restart, these tasks count as not seen since that first failure.
void fleet::recall(entry& of) {
    if (of.recalled)
        return;
    auto past = out_.recall(of.state.identity);
    if (!past)
        return;
    of.recalled = true;
    const instant at_present = net::now();
    tracking::clamp_to_now(*past, at_present);
    const bool read_nothing = past->failing.failures > 0 && past->failing.said != poll_result::inconsistent;
    const timestamp since = read_nothing ? past->failing.first : at_present.even;
    of.state.tasks = std::move(past->tasks);
    for (auto& [name, task] : of.state.tasks)
        task.unseen_since = std::min(task.unseen_since.value_or(since), since);
    if (past->last_success) {
        of.state.task_count = of.state.tasks.size();
        of.state.failing_since = since;
    }
    of.state.last_success = past->last_success;
    of.state.note = std::move(past->note);
    of.state.counters.transitions = past->transitions;
    of.state.departed = std::move(past->departed);
    of.health.restore(past->failing);
}

} // namespace replmond::monitor
