#include "daemon/monitor/fleet.hpp"

#include "daemon/monitor/clocks.hpp"
#include "daemon/monitor/schedule_events.hpp"
#include "daemon/net/async.hpp"
#include "daemon/schedule/stable_hash.hpp"

#include <algorithm>
#include <numeric>
#include <set>
#include <utility>

namespace replmond::monitor {

namespace asio = boost::asio;

namespace {

constexpr auto longest_wait_for_ready = std::chrono::minutes(2);

// Whose first poll comes first: not as they are configured, where those that hang may stand together, and
// each would hold up a credential that nobody was accepted with yet.
std::vector<std::size_t> shuffled(const std::vector<watched_instance>& instances) {
    std::vector<std::size_t> order(instances.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return schedule::stable_hash(instances[a].identity.id) <
               schedule::stable_hash(instances[b].identity.id);
    });
    std::vector<std::size_t> turns(instances.size());
    for (std::size_t turn = 0; turn < order.size(); ++turn)
        turns[order[turn]] = turn;
    return turns;
}

failure contradiction() {
    failure f;
    f.result = poll_result::inconsistent;
    f.error_msg = "the pages of the list contradict each other";
    return f;
}

} // namespace

fleet::entry::entry(watched_instance instance, schedule::instance_key is, milliseconds repeat_interval)
    : settings(std::move(instance)), key(is), tracking(repeat_interval), health(repeat_interval) {
    state.identity = settings.identity;
    state.discovered = settings.discovered;
}

fleet::fleet(asio::any_io_executor executor, fleet_settings settings, observer& out)
    : executor_(executor), settings_(settings), out_(out),
      traffic_(executor, settings.concurrency,
               {[this](schedule::instance_key due) { begin(due); },
                [this](const schedule::stretch_change& change) { intervals_stretched(change); }}),
      dice_(std::random_device()()) {}

void fleet::change(fleet_settings settings) {
    settings_ = settings;
    traffic_.plan().change_slots(settings.concurrency);
    for (const auto& [key, of] : entries_) {
        of->tracking.set_repeat_interval(settings.repeat_interval);
        of->health.set_repeat_interval(settings.repeat_interval);
    }
    traffic_.pump();
}

void fleet::add_project(schedule::project_key project, std::string name, schedule::budget_limits limits) {
    last_project_ = std::max(last_project_, project);
    projects_.emplace(project, std::move(name));
    traffic_.plan().add_project(project, limits);
}

void fleet::change_project(schedule::project_key project, schedule::budget_limits limits) {
    traffic_.plan().change_project(project, limits, traffic_.up());
    traffic_.pump();
}

void fleet::remove_project(schedule::project_key project) {
    projects_.erase(project);
    traffic_.remove_project(project);
}

std::vector<schedule::instance_key> fleet::add(std::vector<watched_instance> instances) {
    std::vector<schedule::instance_key> keys;
    const std::vector<std::size_t> turns = shuffled(instances);
    const auto now = group_ == nullptr ? schedule::uptime(0) : traffic_.up();
    for (watched_instance& instance : instances) {
        const auto key = ++last_instance_;
        const auto interval = instance.interval;
        const auto first = now + schedule::first_poll(turns[keys.size()], turns.size(), interval);
        auto added = std::make_shared<entry>(std::move(instance), key, settings_.repeat_interval);
        traffic_.plan().add(key, added->project(), added->settings.identity.id, interval, first);
        show_interval(*added);
        recall(*added);
        tell(*added);
        entries_.emplace(key, std::move(added));
        keys.push_back(key);
    }
    traffic_.pump();
    return keys;
}

void fleet::change(schedule::instance_key instance, watched_instance to) {
    entry& of = *entries_.at(instance);
    if (to.project != of.project())
        traffic_.plan().move(instance, to.project);
    if (to.interval != of.settings.interval)
        traffic_.plan().change_interval(instance, to.interval, traffic_.up());
    if (to.identity.project_id.empty())
        to.identity.project_id = of.state.identity.project_id;
    of.settings = std::move(to);
    of.memory.pages.clear(); // where a list ends depends on the size of its pages
    of.state.identity = of.settings.identity;
    of.state.discovered = of.settings.discovered;
    show_interval(of);
    tell(of);
    traffic_.pump();
}

void fleet::remove(schedule::instance_key instance) {
    const auto found = entries_.find(instance);
    const entry_ptr gone = found->second;
    gone->removed = true;
    first_poll_ended(*gone);
    entries_.erase(found);
    out_.on_removed(gone->view());
    traffic_.remove(instance);
}

void fleet::run(net::task_group& group) {
    group_ = &group;
    started_ = traffic_.up();
    for (const auto& [key, of] : entries_)
        of->awaited = true;
    first_polls_left_ = entries_.size();
    traffic_.start();
}

bool fleet::ready() const {
    return group_ != nullptr &&
           (first_polls_left_ == 0 || traffic_.up() - started_ >= longest_wait_for_ready);
}

std::vector<std::string> fleet::overdue(schedule::overdue_limits limits) const {
    std::vector<std::string> names;
    if (group_ == nullptr || group_->stopping())
        return names;
    for (const auto key : traffic_.plan().overdue(limits, traffic_.up()))
        names.push_back(entries_.at(key)->state.identity.name);
    return names;
}

void fleet::first_poll_ended(entry& of) {
    if (std::exchange(of.awaited, false))
        --first_polls_left_;
}

void fleet::begin(schedule::instance_key instance) {
    if (!group_->stopping())
        group_->spawn(poll(entries_.at(instance)));
}

// A poll that waits when its instance or its project is removed is cancelled: that is its end, not the
// daemon's.
asio::awaitable<void> fleet::poll(entry_ptr of) {
    try {
        co_await read(of);
        if (!of->removed)
            co_await ask_for_reasons(of);
    } catch (const boost::system::system_error& e) {
        if (e.code() != asio::error::operation_aborted)
            throw;
        if (traffic_.plan().is_running(of->key) && !group_->stopping())
            give_up(*of);
    }
}

void fleet::give_up(const entry& of) {
    schedule::poll_end nothing;
    nothing.sent_nothing = true;
    traffic_.plan().poll_ended(of.key, nothing, traffic_.up());
    traffic_.pump();
}

asio::awaitable<void> fleet::read(entry_ptr of) {
    list_job job;
    job.instance_id = of->settings.identity.id;
    job.page_size = of->settings.page_size;
    job.request_timeout = of->settings.request_timeout;
    job.skips_unchanged = true;
    job.known_tasks = [of] {
        std::set<std::string> names;
        for (const auto& [name, task] : of->state.tasks)
            names.insert(name);
        return names;
    };
    job.after_failure = [this, of](const failure& why, int attempts, int retries) {
        return decide(*of, why, attempts, retries);
    };

    traffic::gate gate(traffic_, of->project(), schedule::purpose::poll, of->key);
    const auto api = of->settings.api; // it may be replaced meanwhile
    auto outcome = co_await read_list(*api, std::move(job), of->memory, gate);
    if (of->removed)
        co_return;

    schedule::poll_end end;
    end.succeeded = outcome.read && outcome.read->consistent;
    end.sent_nothing = gate.sent() == 0 && !outcome.read && outcome.read.error().result == poll_result::auth;
    end.requests = end.succeeded ? outcome.requests : 0;
    end.pause_until = outcome.pause_until;
    of->state.last_duration = outcome.took;
    take_in(*of, std::move(outcome), wall_clock());
    of->state.counters.polls_skipped += traffic_.plan().poll_ended(of->key, end, traffic_.up());
    first_poll_ended(*of);
    show_interval(*of);
    tell(*of);
    traffic_.pump();
}

schedule::retry_decision fleet::decide(const entry& of, const failure& why, int attempts, int retries) {
    const auto& plan = traffic_.plan();
    if (of.removed)
        return {};
    schedule::failed_attempt at;
    at.attempts = attempts;
    at.instance_failing = plan.is_failing(of.key);
    at.within_share = retries == 0 || plan.may_retry(of.project(), traffic_.up());
    at.now = traffic_.up();
    at.next_tick = plan.next_tick(of.key);
    return schedule::after_failure(why, at, std::uniform_real_distribution<double>(0, 1)(dice_));
}

void fleet::show_interval(entry& of) {
    of.state.interval = traffic_.plan().interval_in_force(of.key);
    of.state.next_poll = wall_clock() + (traffic_.plan().next_tick(of.key) - traffic_.up());
}

void fleet::intervals_stretched(const schedule::stretch_change& change) {
    for (const auto& [key, of] : entries_) {
        if (of->project() != change.project)
            continue;
        show_interval(*of);
        tell(*of);
    }
    if (auto line = stretch_event(projects_.at(change.project), change, wall_clock()))
        out_.on_line(std::move(*line));
}

void fleet::tell(entry& of) {
    out_.on_changed(of.view(), std::exchange(of.events, {}));
    of.tasks_changed = true;
}

void fleet::each(const std::function<void(const instance_view&)>& what) const {
    for (const auto& [key, of] : entries_)
        what(of->view());
}

// Tasks last known are shown at once, and go stale unless a poll sees them.
void fleet::recall(entry& of) {
    if (of.recalled)
        return;
    auto past = out_.recall(of.state.identity);
    if (!past)
        return;
    of.recalled = true;
    of.state.tasks = std::move(past->tasks);
    for (auto& [name, task] : of.state.tasks)
        task.unseen_since = even_clock();
    if (past->last_success) {
        of.state.task_count = of.state.tasks.size();
        of.state.failing_since = even_clock();
    }
    of.state.last_success = past->last_success;
    of.state.counters.transitions = past->transitions;
    of.tracking.restore(std::move(past->departed));
    of.health.restore(past->failing);
}

void fleet::take_in(entry& of, list_outcome outcome, timestamp now) {
    of.state.last_poll = now;
    if (of.state.identity.project_id.empty()) {
        of.state.identity.project_id = of.settings.api->known_project_id().value_or("");
        if (!of.state.identity.project_id.empty() && of.state.tasks.empty())
            recall(of);
    }
    if (!outcome.read) {
        tracker::miss(of.state, even_clock());
        if (!of.state.failing_since)
            of.state.failing_since = even_clock();
        take_failure(of, outcome.read.error(), outcome.attempts, now);
        return;
    }

    const bool consistent = outcome.read->consistent;
    of.state.failing_since.reset();
    take_in_reading(of, std::move(*outcome.read), now);
    if (!consistent) {
        take_failure(of, contradiction(), outcome.attempts, now);
        return;
    }
    of.state.last_result = poll_result::success;
    of.state.last_failure.reset();
    of.state.last_success = now;
    ++of.state.counters.polls[static_cast<std::size_t>(poll_result::success)];
    if (auto recovered = of.health.succeeded(of.state.identity, now))
        of.events.push_back(std::move(*recovered));
}

void fleet::take_in_reading(entry& of, reading seen, timestamp now) {
    if (seen.unchanged) {
        auto outcome = of.tracking.observe_unchanged(of.state, now);
        of.events = std::move(outcome.events);
        of.tasks_changed = outcome.changed;
        return;
    }
    std::vector<unexpected_value> unexpected = seen.unexpected;
    if (seen.distrusted_total)
        unexpected.push_back({"", "total_count", std::to_string(*seen.distrusted_total)});
    out_.on_unexpected(of.state.identity, unexpected);
    of.events = of.tracking.observe(of.state, std::move(seen), now, even_clock());
}

void fleet::take_failure(entry& of, const failure& why, int attempts, timestamp now) {
    of.state.last_result = why.result;
    of.state.last_failure = why;
    ++of.state.counters.polls[static_cast<std::size_t>(why.result)];
    if (auto line = of.health.failed(of.state.identity, why, attempts, of.state.interval, now))
        of.events.push_back(std::move(*line));
}

} // namespace replmond::monitor
