#include "daemon/monitor/fleet.hpp"

#include "daemon/monitor/reasons.hpp"
#include "daemon/net/async.hpp"

#include <algorithm>
#include <utility>

namespace replmond::monitor {

namespace asio = boost::asio;

namespace {

constexpr auto longest_wait_for_ready = std::chrono::minutes(2);

timestamp wall_clock() {
    return std::chrono::floor<milliseconds>(std::chrono::system_clock::now());
}

failure contradiction() {
    failure f;
    f.result = poll_result::inconsistent;
    f.error_msg = "the pages of the list contradict each other";
    return f;
}

} // namespace

fleet::entry::entry(watched_instance instance, milliseconds repeat_interval)
    : settings(std::move(instance)), tracking(repeat_interval), health(repeat_interval) {
    state.identity = settings.identity;
    state.interval = settings.interval;
}

fleet::fleet(asio::any_io_executor executor, fleet_settings settings, observer& out)
    : executor_(executor), settings_(settings), out_(out), slots_(executor, settings.concurrency),
      started_(std::chrono::steady_clock::now()) {}

void fleet::add(watched_instance instance) {
    entries_.push_back(std::make_unique<entry>(std::move(instance), settings_.repeat_interval));
    ++first_polls_left_;
    out_.on_changed(entries_.back()->state, wall_clock());
}

void fleet::run(net::task_group& group) {
    started_ = std::chrono::steady_clock::now();
    for (std::size_t i = 0; i < entries_.size(); ++i) {
        const uptime first = first_poll(i, entries_.size(), entries_[i]->settings.interval);
        group.spawn(watch(*entries_[i], first));
    }
}

bool fleet::ready() const {
    return first_polls_left_ == 0 || up() >= longest_wait_for_ready;
}

uptime fleet::up() const {
    return std::chrono::floor<milliseconds>(std::chrono::steady_clock::now() - started_);
}

asio::awaitable<void> fleet::watch(entry& of, uptime first) {
    const grid ticks = grid_of(of.settings.identity.id, of.settings.interval);
    asio::steady_timer timer(executor_);
    bool first_done = false;
    for (uptime tick = first;;) {
        timer.expires_at(started_ + tick);
        co_await timer.async_wait(net::nothrow);
        co_await poll(of);
        if (!std::exchange(first_done, true))
            --first_polls_left_;
        // Decided before the reasons are asked for: their last request may end a moment after the tick.
        const uptime next = ticks.next_after(up());
        of.state.counters.polls_skipped += ticks.ticks_between(tick, next);
        out_.on_changed(of.state, wall_clock());
        co_await ask_for_reasons(of, next);
        tick = next;
    }
}

asio::awaitable<void> fleet::poll(entry& of) {
    const slots::lease slot = co_await slots_.acquire();
    list_job job;
    job.instance_id = of.settings.identity.id;
    job.page_size = of.settings.page_size;
    job.request_timeout = of.settings.request_timeout;
    for (const auto& [name, task] : of.state.tasks)
        job.known_tasks.insert(name);

    const auto began = std::chrono::steady_clock::now();
    auto outcome = co_await read_list(*of.settings.api, std::move(job), of.memory);
    of.state.last_duration = std::chrono::round<milliseconds>(std::chrono::steady_clock::now() - began);
    take_in(of, std::move(outcome), wall_clock());
}

// Outside of the slot, one at a time, and never into the next tick: polls come first. A first failure ends it
// for this poll, since the next request would most likely fail alike.
asio::awaitable<void> fleet::ask_for_reasons(entry& of, uptime until) {
    if (of.state.failing_since)
        co_return;
    const auto wanted = reasons_wanted(of.state, settings_.repeat_interval, wall_clock());
    for (const std::string& name : wanted) {
        const auto left = std::min<milliseconds>(until - up(), of.settings.request_timeout);
        if (left <= milliseconds(0))
            co_return;
        cloud::configuration_query query;
        query.instance_id = of.settings.identity.id;
        query.task_name = name;
        task_state& task = of.state.tasks.at(name);
        reason_asked(task);
        const auto answer = co_await of.settings.api->configuration(std::move(query), left);
        if (!answer)
            co_return;
        if (auto line = reason_arrived(of.state.identity, task, answer->error_text(), wall_clock()))
            say(std::move(*line));
    }
}

void fleet::say(event line) {
    std::vector<event> one;
    one.push_back(std::move(line));
    out_.on_events(std::move(one));
}

void fleet::take_in(entry& of, result<reading> outcome, timestamp now) {
    of.state.last_poll = now;
    if (of.state.identity.project_id.empty())
        of.state.identity.project_id = of.settings.api->known_project_id().value_or("");
    if (!outcome) {
        tracker::miss(of.state, now);
        if (!of.state.failing_since)
            of.state.failing_since = now;
        take_failure(of, outcome.error(), now);
        return;
    }

    const bool consistent = outcome->consistent;
    const bool distrusts_total = outcome->distrusted_total.has_value();
    std::vector<unexpected_value> unexpected = outcome->unexpected;
    if (distrusts_total)
        unexpected.push_back({"", "total_count", std::to_string(*outcome->distrusted_total)});
    out_.on_unexpected(of.state.identity, unexpected);

    of.state.failing_since.reset();
    out_.on_events(of.tracking.observe(of.state, std::move(*outcome), now));
    if (!consistent) {
        take_failure(of, contradiction(), now);
        return;
    }
    of.state.last_result = poll_result::success;
    of.state.last_failure.reset();
    of.state.last_success = now;
    ++of.state.counters.polls[static_cast<std::size_t>(poll_result::success)];
    if (auto recovered = of.health.succeeded(of.state.identity, now))
        say(std::move(*recovered));
}

void fleet::take_failure(entry& of, const failure& why, timestamp now) {
    of.state.last_result = why.result;
    of.state.last_failure = why;
    ++of.state.counters.polls[static_cast<std::size_t>(why.result)];
    if (auto line = of.health.failed(of.state.identity, why, 1, of.state.interval, now))
        say(std::move(*line));
}

} // namespace replmond::monitor
