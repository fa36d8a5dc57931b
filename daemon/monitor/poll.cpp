// One poll of an instance, from its first request to its events; after it, the requests for error texts.

#include "daemon/core/schedule/retry.hpp"
#include "daemon/core/tracking/reasons.hpp"
#include "daemon/monitor/fleet.hpp"
#include "daemon/net/async.hpp"
#include "daemon/net/clocks.hpp"

#include <exception>
#include <set>
#include <utility>

namespace replmond::monitor {

namespace asio = boost::asio;

namespace {

failure contradiction() {
    return make_failure(poll_result::inconsistent, "the pages of the list contradict each other");
}

} // namespace

// If the instance or its project is removed while the poll waits, the poll is cancelled; that ends this poll
// and not the daemon. The same holds for any other exception.
asio::awaitable<void> fleet::poll(entry_ptr of) {
    bool has_ended = false; // error texts are asked for after the poll; the next poll may run meanwhile
    try {
        co_await read(of);
        has_ended = true;
        if (!of->removed && !of->no_reasons_wanted)
            co_await ask_for_reasons(of);
    } catch (const boost::system::system_error& e) {
        if (e.code() != asio::error::operation_aborted)
            failed_internally(*of, has_ended, e.what());
        else if (!has_ended && dispatcher_.scheduler().is_running(of->key) && !group_->stopping())
            give_up(*of);
    } catch (const std::exception& e) {
        failed_internally(*of, has_ended, e.what());
    }
}

void fleet::give_up(const entry& of) {
    schedule::poll_end nothing;
    nothing.sent_nothing = true;
    dispatcher_.scheduler().poll_ended(of.key, nothing, dispatcher_.up());
    dispatcher_.dispatch();
}

// Frees first what other polls need: the slot and the next tick. Then the failure is counted and logged; if
// there is no memory for that, the next poll reports it.
void fleet::failed_internally(entry& of, bool poll_has_ended, const char* why) {
    // It is not known whether this poll's pages were taken in, so the next poll reads all of them anew.
    if (!poll_has_ended)
        of.memory = tracking::after_failed_poll(std::move(of.memory));
    if (of.removed || group_->stopping())
        return;
    const bool was_running = !poll_has_ended && dispatcher_.scheduler().is_running(of.key);
    if (was_running)
        dispatcher_.scheduler().poll_ended(of.key, {}, dispatcher_.up());
    first_poll_ended(of);
    try {
        if (was_running || of.unreported)
            count_failed(of, why);
        else
            log_broken(of, why);
    } catch (const std::exception&) {
        of.tasks_changed = true;
    }
    dispatcher_.dispatch();
}

// The result is `protocol`: the answer could not be turned into a list, and neither the network nor the
// credential is to blame.
void fleet::count_failed(entry& of, const char* why) {
    if (of.unreported)
        --of.state.counters.polls[static_cast<std::size_t>(*std::exchange(of.unreported, std::nullopt))];
    failure broken = make_failure(poll_result::protocol,
                                  std::string("an error in replmond itself ended the poll: ") + why);
    const instant now = net::now();
    note_poll_end(of, now);
    tracking::tracker::miss(of.state, now.even);
    if (!of.state.failing_since)
        of.state.failing_since = now.even;
    take_failure(of, broken, 0, now);
    of.tasks_changed = true;
    show_interval(of);
    notify(of);
}

// The exception came after the poll was reported, from the requests for error texts.
void fleet::log_broken(const entry& of, const char* why) {
    event e =
        make_event("internal_error", severity::error, net::wall_clock(),
                   "an error in replmond itself ended the requests for error texts; the next poll asks again",
                   of.state.identity.project, of.state.identity.name);
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

    dispatcher::permits permits(dispatcher_, of->project(), schedule::purpose::poll, of->key);
    permits.set_subject(of->state.identity.name, of->settings.identity.id);
    const auto api = of->settings.api; // reload may replace it meanwhile
    auto outcome = co_await read_list(*api, std::move(job), of->memory, permits);
    if (of->removed)
        co_return;

    schedule::poll_end end;
    end.succeeded = outcome.read && outcome.read->consistent;
    end.sent_nothing =
        permits.sent() == 0 && !outcome.read && outcome.read.error().result == poll_result::auth;
    end.requests = end.succeeded ? outcome.requests : 0;
    end.pause_until = outcome.pause_until;
    of->state.last_duration = outcome.took;
    take_in(*of, std::move(outcome), net::now());
    of->state.counters.polls_skipped += dispatcher_.scheduler().poll_ended(of->key, end, dispatcher_.up());
    first_poll_ended(*of);
    show_interval(*of);
    notify(*of);
    dispatcher_.dispatch();
}

schedule::retry_decision fleet::decide(const entry& of, const failure& why, int attempts, int retries) {
    const auto& plan = dispatcher_.scheduler();
    if (of.removed)
        return {};
    schedule::failed_attempt at;
    at.attempts = attempts;
    at.instance_failing = plan.is_failing(of.key);
    at.within_share = retries == 0 || plan.may_retry(of.project(), dispatcher_.up());
    at.now = dispatcher_.up();
    at.next_tick = plan.next_tick(of.key);
    return schedule::after_failure(why, at, std::uniform_real_distribution<double>(0, 1)(random_));
}

// Returns true if the wall clock was set back since the last poll.
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
        tracking::tracker::miss(of.state, now.even);
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

void fleet::take_in_reading(entry& of, tracking::reading seen, instant now) {
    of.no_reasons_wanted = false;
    if (seen.unchanged) {
        auto outcome = of.tracking.observe_unchanged(of.state, now);
        of.no_reasons_wanted = outcome.all_well;
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
    of.unreported = result;
}

void fleet::take_failure(entry& of, const failure& why, int attempts, instant now) {
    of.state.last_result = why.result;
    of.state.last_failure = why;
    count(of, why.result);
    if (auto line = of.health.failed(of.state.identity, why, attempts, of.state.interval, now))
        of.events.push_back(std::move(*line));
}

// Error texts are asked for after the poll, without its slot, one at a time, and only until the next tick:
// polls come first. The first failure ends this for the current poll, because the next request would most
// likely fail too.
asio::awaitable<void> fleet::ask_for_reasons(entry_ptr of) {
    if (of->state.failing_since)
        co_return;
    const auto until = dispatcher_.scheduler().next_tick(of->key);
    const auto wanted = tracking::reasons_wanted(of->state, settings_.repeat_interval, net::even_clock());
    for (const std::string& name : wanted) {
        const auto left = until - dispatcher_.up();
        if (left <= milliseconds(0) || of->removed)
            co_return;
        auto request = ask_for_reason(of, name);
        const auto answered = co_await net::with_deadline(std::move(request), left);
        if (!answered)
            co_return;
        if (!*answered) {
            pause_after(*of, answered->error());
            co_return;
        }
    }
}

void fleet::pause_after(entry& of, const failure& why) {
    const auto pause = schedule::pause_after(why);
    if (!pause || of.removed)
        return;
    const auto now = dispatcher_.up();
    dispatcher_.scheduler().pause(of.key, now + *pause, now);
    show_interval(of);
    dispatcher_.dispatch();
}

// `why` null: an error text could be had.
void fleet::report_reasons(const entry& of, std::string_view task, const failure* why) {
    const auto health = reasons_.find(of.project());
    if (of.removed || health == reasons_.end())
        return;
    const instant now = net::now();
    auto line = why == nullptr ? health->second.succeeded(of.state.identity, now)
                               : health->second.failed(of.state.identity, task, *why, of.state.interval, now);
    if (line)
        out_.on_line(std::move(*line));
}

asio::awaitable<result<bool>> fleet::ask_for_reason(entry_ptr of, std::string task) {
    dispatcher::permits permits(dispatcher_, of->project(), schedule::purpose::reason);
    permits.set_subject(of->state.identity.name, of->settings.identity.id);
    cloud::configuration_query query;
    query.instance_id = of->settings.identity.id;
    query.task_name = task;
    const auto api = of->settings.api;
    // A request that was sent counts as a try, even if its answer never comes (the contract, "What a poll
    // does").
    struct count_it {
        entry& of;
        const std::string& task;
        const dispatcher::permits& permits;
        ~count_it() {
            const auto known = of.state.tasks.find(task);
            if (permits.sent() > 0 && known != of.state.tasks.end()) {
                tracking::reason_asked(known->second);
                of.reason_asked = true;
            }
        }
    };
    const count_it at_the_end{*of, task, permits};
    const auto answer = co_await api->configuration(std::move(query), permits, of->settings.request_timeout);
    if (!answer) {
        const failure why = answer.error();
        report_reasons(*of, task, &why);
        co_return why;
    }
    report_reasons(*of, task, nullptr);
    const auto known = of->state.tasks.find(task);
    if (of->removed || known == of->state.tasks.end())
        co_return true;
    if (auto line = tracking::reason_arrived(of->state.identity, known->second, answer->error_text(),
                                             net::wall_clock()))
        of->events.push_back(std::move(*line));
    notify(*of);
    co_return true;
}

} // namespace replmond::monitor
