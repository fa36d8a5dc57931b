// Decides which instance is polled when, and which request may be sent when. monitor/dispatcher calls it and
// carries out its decisions.

#include "daemon/core/schedule/scheduler.hpp"

#include <algorithm>
#include <exception>
#include <utility>

namespace replmond::schedule {

namespace {

constexpr double relog_factor = 1.25; // a stretch factor is logged again when it has grown by this

} // namespace

void scheduler::add_project(project_key project, budget_limits limits) {
    projects_.try_emplace(project, limits);
}

void scheduler::change_project(project_key project, budget_limits limits, uptime now) {
    auto& of = projects_.at(project);
    of.budget.change(limits, now);
    of.plan_is_old = true;
}

void scheduler::remove_project(project_key project) {
    projects_.erase(project);
    // A permit that was reported is in use: release_permit() ends it.
    std::vector<ticket> vain;
    for (const auto& [number, asked] : requests_) {
        if (asked.project == project && !(asked.has_permit && asked.is_reported))
            vain.push_back(number);
    }
    for (const ticket each : vain)
        cancel_permit(each);
}

void scheduler::add(instance_key key, project_key project, std::string instance_id, milliseconds interval,
                    uptime first) {
    auto& of = projects_.at(project);
    instance_plan fresh{.project = project, .rhythm = pace(std::move(instance_id), interval)};
    fresh.next = first;
    auto& added = instances_.emplace(key, std::move(fresh)).first->second;
    // If an allocation fails, every step that was done is undone, so that no half-known instance remains.
    try {
        of.instances.insert(key);
        due_.emplace(first, key);
        slots_.add_instance(project, health::unknown);
    } catch (const std::exception&) {
        of.instances.erase(key);
        due_.erase({first, key});
        instances_.erase(key);
        throw;
    }
    added.rhythm.stretch(of.plan.factor);
    update_load(added);
}

void scheduler::change_interval(instance_key key, milliseconds interval, uptime now) {
    auto& of = instances_.at(key);
    of.rhythm.change_interval(interval);
    update_load(of);
    plan_anew(key, of, now);
}

std::optional<ticket> scheduler::remove(instance_key key) {
    const auto found = instances_.find(key);
    if (found == instances_.end())
        return std::nullopt;
    instance_plan& gone = found->second;
    std::optional<ticket> asked;
    if (gone.permit_request != 0) {
        asked = gone.permit_request;
        cancel_permit(*asked);
    }
    due_.erase({gone.next, key});
    std::erase(decided_.begin, key);
    slots_.release(key);
    slots_.remove_instance(gone.project, gone.is);
    auto& of = projects_.at(gone.project);
    of.requests_per_ms -= gone.load;
    of.plan_is_old = true;
    of.instances.erase(key);
    instances_.erase(found);
    return asked;
}

void scheduler::move(instance_key key, project_key to) {
    instance_plan& moved = instances_.at(key);
    auto& before = projects_.at(moved.project);
    before.requests_per_ms -= std::exchange(moved.load, 0);
    before.plan_is_old = true;
    before.instances.erase(key);
    slots_.remove_instance(moved.project, moved.is);
    slots_.add_instance(to, moved.is);
    moved.project = to;
    projects_.at(to).instances.insert(key);
    moved.rhythm.stretch(projects_.at(to).plan.factor);
    update_load(moved);
}

void scheduler::update_load(instance_plan& of) {
    auto& whose = projects_.at(of.project);
    whose.requests_per_ms -= of.load;
    of.load = of.requests / static_cast<double>(of.rhythm.configured().count());
    whose.requests_per_ms += of.load;
    whose.plan_is_old = true;
}

void scheduler::plan_next(instance_key key, instance_plan& of, uptime next) {
    auto place = of.place.empty() ? due_.extract({of.next, key}) : std::move(of.place);
    of.next = next;
    place.value() = {next, key};
    due_.insert(std::move(place));
}

// Recomputes the next tick after the interval, the stretch factor or the pause has changed. The first poll
// keeps its time (it is spread over the fleet). A running poll plans the next tick when it ends.
void scheduler::plan_anew(instance_key key, instance_plan& of, uptime now) {
    if (!of.running && of.is != health::unknown)
        plan_next(key, of, next_tick_of(of, now));
}

uptime scheduler::next_tick_of(const instance_plan& of, uptime now) {
    // next_after() gives a tick later than its argument, but a tick at `not_before` itself is allowed.
    return of.rhythm.ticks().next_after(std::max(now, of.not_before - milliseconds(1)));
}

void scheduler::pause(instance_key key, uptime until, uptime now) {
    const auto found = instances_.find(key);
    if (found == instances_.end())
        return;
    found->second.not_before = std::max(found->second.not_before, until);
    plan_anew(key, found->second, now);
}

milliseconds scheduler::interval_in_force(instance_key key) const {
    return instances_.at(key).rhythm.in_force();
}

bool scheduler::is_running(instance_key key) const {
    const auto found = instances_.find(key);
    return found != instances_.end() && found->second.running;
}

bool scheduler::is_failing(instance_key key) const {
    const auto found = instances_.find(key);
    return found != instances_.end() && found->second.is == health::failing;
}

std::uint64_t scheduler::poll_ended(instance_key key, const poll_end& how, uptime now) {
    const auto found = instances_.find(key);
    if (found == instances_.end())
        return 0;
    instance_plan& of = found->second;
    cancel_permit(of.permit_request); // no coroutine waits for it any more
    slots_.release(key);
    of.running = false;
    const grid ticks = of.rhythm.ticks();
    const std::uint64_t missed = ticks.ticks_between(of.began, ticks.next_after(now));

    const health before = std::exchange(of.is, how.succeeded ? health::good : health::failing);
    slots_.change_health(of.project, before, of.is);
    if (how.succeeded)
        of.rhythm.succeeded();
    else if (!how.sent_nothing)
        of.rhythm.failed();
    if (how.requests > 0 && how.requests != of.requests) {
        of.requests = how.requests;
        update_load(of);
    }

    of.not_before = how.pause_until.value_or(uptime());
    plan_next(key, of, next_tick_of(of, now));
    return missed;
}

// If an allocation fails in a step, the decisions made before it stay in decided_ and granted_, and the next
// call returns them.
scheduler::actions scheduler::next(uptime now) {
    plan_stretches(now);
    begin_due(now);
    grant_permits(now);
    decided_.wake = next_wake(now);
    report_permits();
    return std::exchange(decided_, {});
}

void scheduler::plan_stretches(uptime now) {
    for (auto& [key, of] : projects_) {
        const int allowed = of.budget.allowed(now);
        if (!of.plan_is_old && allowed == of.plan.allowed)
            continue;
        of.plan_is_old = false;
        const double before = of.plan.factor;
        const milliseconds window = of.budget.limits().window;
        of.plan = plan_stretch(std::max(0.0, of.requests_per_ms), window, allowed, before);
        if (of.plan.factor == before)
            continue;
        stretch(key, of.plan.factor, now);
        const bool begins = of.reported_factor == 1;
        const bool is_news = begins || of.plan.factor >= of.reported_factor * relog_factor;
        if (is_news || of.plan.factor == 1)
            of.reported_factor = of.plan.factor;
        decided_.stretched.push_back({key, of.instances.size(), window, of.plan, begins, is_news});
    }
}

void scheduler::stretch(project_key project, double factor, uptime now) {
    for (const instance_key key : projects_.at(project).instances) {
        instance_plan& of = instances_.at(key);
        of.rhythm.stretch(factor);
        plan_anew(key, of, now);
    }
}

void scheduler::begin_due(uptime now) {
    while (!due_.empty() && due_.begin()->first <= now) {
        // push_back may throw, so it comes before anything is changed.
        const instance_key key = due_.begin()->second;
        decided_.begin.push_back(key);
        instance_plan& of = instances_.at(key);
        of.place = due_.extract(due_.begin());
        of.running = true;
        of.began = now;
        of.since = now;
        of.next = of.rhythm.ticks().next_after(now);
        of.turn = ++last_turn_;
    }
}

std::optional<uptime> scheduler::next_wake(uptime now) {
    std::optional<uptime> wake;
    if (!due_.empty())
        wake = due_.begin()->first;
    for (auto& [key, of] : projects_) {
        const auto at = wait_for_budget(key, of, now);
        if (at && (!wake || *at < *wake))
            wake = at;
    }
    return wake;
}

namespace {

constexpr std::array all_purposes = {purpose::credential, purpose::poll, purpose::reason, purpose::discovery};
constexpr std::array others_in_order = {purpose::reason, purpose::discovery};

std::size_t index(purpose what) {
    return static_cast<std::size_t>(what);
}

} // namespace

ticket scheduler::request_permit(project_key project, purpose what, std::optional<instance_key> poll,
                                 bool is_retry, uptime now) {
    const ticket asked = ++last_ticket_;
    requests_.emplace(asked, request{project, what, poll, is_retry, false, false, now});
    auto& of = projects_.at(project);
    if (what != purpose::poll || !poll) {
        of.waiting[index(what)].insert(asked);
        return asked;
    }
    // A poll that holds a slot keeps it if it can pay now. Otherwise it gives the slot back and waits in the
    // queue of slots_, where its `turn` keeps its place.
    instance_plan& whose = instances_.at(*poll);
    whose.permit_request = asked;
    if (slots_.holds(*poll)) {
        if (can_pay(of, what, now)) {
            grant(asked, now);
            return asked;
        }
        slots_.release(*poll); // the contract, What a poll does: waiting holds no slot
    }
    const slot_request who{*poll, project, whose.is, whose.turn};
    slots_.enqueue(asked, who);
    return asked;
}

void scheduler::cancel_permit(ticket asked) {
    const auto found = requests_.find(asked);
    if (found == requests_.end())
        return;
    if (found->second.has_permit) {
        release_permit(asked, false, false, found->second.since);
        return;
    }
    if (const auto of = projects_.find(found->second.project); of != projects_.end())
        of->second.waiting[index(found->second.what)].erase(asked);
    slots_.cancel(asked);
    forget_permit_request(found->second, asked);
    requests_.erase(found);
}

void scheduler::forget_permit_request(const request& of, ticket asked) {
    const auto whose = of.poll ? instances_.find(*of.poll) : instances_.end();
    if (whose != instances_.end() && whose->second.permit_request == asked)
        whose->second.permit_request = 0;
}

void scheduler::release_permit(ticket given, bool was_sent, bool throttled, uptime now) {
    const auto found = requests_.find(given);
    const request over = found->second;
    requests_.erase(found);
    if (!over.is_reported)
        std::erase(granted_, given);
    forget_permit_request(over, given);
    note_progress(over, now);
    const auto of = projects_.find(over.project);
    if (of == projects_.end())
        return;
    of->second.budget.end(over.what, over.is_retry, now, !was_sent);
    if (throttled)
        of->second.budget.throttled(over.since, now);
}

// The contract, What a poll does: credentials first, then polls, error texts, discovery. A later purpose gets
// only the budget that the earlier ones leave.
void scheduler::grant_permits(uptime now) {
    for (auto& [key, of] : projects_)
        grant_in_order(of, purpose::credential, now);
    const auto pays = [&](project_key key) {
        const auto of = projects_.find(key);
        return of != projects_.end() && can_pay(of->second, purpose::poll, now);
    };
    while (const auto whose = slots_.next(pays))
        grant(*whose, now);
    // Here purpose::poll means requests of the purpose `poll` that belong to no instance's poll and need no
    // slot.
    for (auto& [key, of] : projects_) {
        grant_in_order(of, purpose::poll, now);
        for (const purpose what : others_in_order)
            grant_in_order(of, what, now);
    }
}

void scheduler::report_permits() {
    decided_.permits.swap(granted_);
    for (const ticket each : decided_.permits) {
        request& told = requests_.at(each);
        told.is_reported = true;
        forget_permit_request(told, each);
    }
}

void scheduler::grant_in_order(project_plan& of, purpose what, uptime now) {
    auto& waiting = of.waiting[index(what)];
    while (!waiting.empty() && can_pay(of, what, now)) {
        const ticket first = *waiting.begin();
        waiting.erase(waiting.begin());
        grant(first, now);
    }
}

bool scheduler::can_pay(const project_plan& of, purpose what, uptime now) const {
    const auto at = of.budget.earliest(what, now);
    return at && *at <= now;
}

void scheduler::grant(ticket to, uptime now) {
    request& asked = requests_.at(to);
    auto& of = projects_.at(asked.project);
    granted_.push_back(to);
    if (of.out_of_budget_since)
        of.waited += now - std::max(asked.since, *of.out_of_budget_since);
    asked.has_permit = true;
    asked.since = now;
    note_progress(asked, now);
    of.budget.begin(asked.what, asked.is_retry, now);
}

void scheduler::note_progress(const request& of, uptime now) {
    if (const auto whose = projects_.find(of.project); whose != projects_.end())
        whose->second.moved = std::max(whose->second.moved, now);
    if (!of.poll)
        return;
    if (const auto poll = instances_.find(*of.poll); poll != instances_.end())
        poll->second.since = std::max(poll->second.since, now);
}

// When the first waiting request of the project can pay; nothing if no request waits for budget, or if only
// the end of a request under way can make room. Also notes since when the project is short of budget.
std::optional<uptime> scheduler::wait_for_budget(project_key key, project_plan& of, uptime now) {
    std::optional<uptime> first;
    bool is_short = false;
    const auto look = [&](purpose what) {
        const auto at = of.budget.earliest(what, now);
        if (at && *at <= now)
            return;
        is_short = true;
        if (what == purpose::poll)
            of.polls_have_budget_from = at.value_or(now);
        if (at && (!first || *at < *first))
            first = at;
    };
    for (const purpose what : all_purposes) {
        if (!of.waiting[index(what)].empty() || (what == purpose::poll && slots_.has_waiting(key)))
            look(what);
    }
    if (!is_short)
        of.out_of_budget_since.reset();
    else if (!of.out_of_budget_since)
        of.out_of_budget_since = now;
    return first;
}

bool scheduler::may_retry(project_key project, uptime now) const {
    const auto of = projects_.find(project);
    return of != projects_.end() && of->second.budget.may_retry(now);
}

int scheduler::requests_in_window(project_key project, uptime now) const {
    return projects_.at(project).budget.used(now);
}

milliseconds scheduler::waited_for_budget(project_key project) const {
    return projects_.at(project).waited;
}

} // namespace replmond::schedule
