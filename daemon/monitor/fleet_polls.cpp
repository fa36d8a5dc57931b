// One poll of the fleet: how an instance is read, and what is made of that.
#include "daemon/monitor/clocks.hpp"
#include "daemon/monitor/fleet.hpp"
#include "daemon/net/async.hpp"

#include <set>
#include <utility>

namespace replmond::monitor {

namespace asio = boost::asio;

namespace {

failure contradiction() {
    failure f;
    f.result = poll_result::inconsistent;
    f.error_msg = "the pages of the list contradict each other";
    return f;
}

} // namespace

// A poll that waits when its instance or its project is removed is cancelled: that is its end, not the
// daemon's.
asio::awaitable<void> fleet::poll(entry_ptr of) {
    try {
        co_await read(of);
        if (!of->removed && !of->all_well)
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
    of.all_well = false;
    if (seen.unchanged) {
        auto outcome = of.tracking.observe_unchanged(of.state, now);
        of.all_well = outcome.all_well;
        of.events = std::move(outcome.events);
        of.tasks_changed = outcome.changed || std::exchange(of.reason_asked, false);
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
