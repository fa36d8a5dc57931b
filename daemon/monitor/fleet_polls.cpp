// One poll of the fleet: how an instance is read, and what is made of that.
#include "daemon/monitor/clocks.hpp"
#include "daemon/monitor/fleet.hpp"
#include "daemon/net/async.hpp"

#include <exception>
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
// daemon's. Nor is any other exception: it ends this poll.
asio::awaitable<void> fleet::poll(entry_ptr of) {
    try {
        co_await read(of);
        if (!of->removed && !of->all_well)
            co_await ask_for_reasons(of);
    } catch (const boost::system::system_error& e) {
        if (e.code() != asio::error::operation_aborted)
            broke_off(*of, e.what());
        else if (traffic_.plan().is_running(of->key) && !group_->stopping())
            give_up(*of);
    } catch (const std::exception& e) {
        broke_off(*of, e.what());
    }
}

void fleet::give_up(const entry& of) {
    schedule::poll_end nothing;
    nothing.sent_nothing = true;
    traffic_.plan().poll_ended(of.key, nothing, traffic_.up());
    traffic_.pump();
}

// First what others need: the slot, the next tick. What can be said of it is said; where there is no memory
// even for that, the next poll is the next chance.
void fleet::broke_off(entry& of, const char* why) {
    // The next one reads all anew: whether this one's pages were taken in is not known.
    of.memory = after_failed_poll(std::move(of.memory));
    if (of.removed || group_->stopping())
        return;
    const bool was_running = traffic_.plan().is_running(of.key);
    if (was_running)
        traffic_.plan().poll_ended(of.key, {}, traffic_.up());
    first_poll_ended(of);
    try {
        if (was_running || of.untold)
            count_failed(of, why);
        else
            say_broken(of, why);
    } catch (const std::exception&) {
        of.tasks_changed = true;
    }
    traffic_.pump();
}

// It is `protocol`: no answer could be made a list, and neither the way to the cloud nor the credential is in
// question.
void fleet::count_failed(entry& of, const char* why) {
    if (of.untold)
        --of.state.counters.polls[static_cast<std::size_t>(*std::exchange(of.untold, std::nullopt))];
    failure broken;
    broken.result = poll_result::protocol;
    broken.error_msg = std::string("the poll broke off in replmond itself: ") + why;
    const instant now = monitor::now();
    note_poll_end(of, now);
    tracker::miss(of.state, now.even);
    if (!of.state.failing_since)
        of.state.failing_since = now.even;
    take_failure(of, broken, 0, now);
    of.tasks_changed = true;
    show_interval(of);
    tell(of);
}

// After the poll was told: its error texts.
void fleet::say_broken(const entry& of, const char* why) {
    event e;
    e.name = "internal_error";
    e.level = severity::error;
    e.time = wall_clock();
    e.message = "asking for error texts broke off in replmond itself; the next poll asks again";
    e.project = of.state.identity.project;
    e.starrocks_instance = of.state.identity.name;
    e.with("error_msg", why);
    out_.on_line(std::move(e));
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
    gate.about(of->state.identity.name, of->settings.identity.id);
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
    take_in(*of, std::move(outcome), now());
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

// True where the wall clock was set back since the last poll.
bool fleet::note_poll_end(entry& of, instant now) {
    const bool set_back = of.state.last_poll && now.wall < *of.state.last_poll;
    if (set_back)
        of.tracking.clock_set_back(of.state, now);
    of.state.last_poll = now.wall;
    return set_back;
}

void fleet::take_in(entry& of, list_outcome outcome, instant now) {
    const bool set_back = note_poll_end(of, now);
    if (of.state.identity.project_id.empty()) {
        of.state.identity.project_id = of.settings.api->known_project_id().value_or("");
        if (!of.state.identity.project_id.empty() && of.state.tasks.empty())
            recall(of);
    }
    if (!outcome.read) {
        tracker::miss(of.state, now.even);
        if (!of.state.failing_since)
            of.state.failing_since = now.even;
        take_failure(of, outcome.read.error(), outcome.attempts, now);
        return;
    }

    const bool consistent = outcome.read->consistent;
    of.state.failing_since.reset();
    take_in_reading(of, std::move(*outcome.read), now);
    of.tasks_changed = of.tasks_changed || set_back;
    if (!consistent) {
        take_failure(of, contradiction(), outcome.attempts, now);
        return;
    }
    of.state.last_result = poll_result::success;
    of.state.last_failure.reset();
    of.state.last_success = now.wall;
    count(of, poll_result::success);
    if (auto recovered = of.health.succeeded(of.state.identity, now))
        of.events.push_back(std::move(*recovered));
}

void fleet::take_in_reading(entry& of, reading seen, instant now) {
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
    of.events = of.tracking.observe(of.state, std::move(seen), now);
}

void fleet::count(entry& of, poll_result result) {
    ++of.state.counters.polls[static_cast<std::size_t>(result)];
    of.untold = result;
}

void fleet::take_failure(entry& of, const failure& why, int attempts, instant now) {
    of.state.last_result = why.result;
    of.state.last_failure = why;
    count(of, why.result);
    if (auto line = of.health.failed(of.state.identity, why, attempts, of.state.interval, now))
        of.events.push_back(std::move(*line));
}

} // namespace replmond::monitor
