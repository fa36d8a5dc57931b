// Who is polled when: ticks, slowing, stretching.
#include "daemon/schedule/scheduler.hpp"

#include <algorithm>
#include <exception>
#include <utility>

namespace replmond::schedule {
namespace {

constexpr double much_more = 1.25;

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
    std::vector<ticket> vain;
    for (const auto& [number, asked] : requests_) {
        if (asked.project == project && !(asked.has_leave && asked.is_told))
            vain.push_back(number);
    }
    for (const ticket each : vain)
        withdraw(each);
}

void scheduler::add(instance_key key, project_key project, std::string instance_id, milliseconds interval,
                    uptime first) {
    auto& of = projects_.at(project);
    instance_plan fresh{.project = project, .rhythm = pace(std::move(instance_id), interval)};
    fresh.next = first;
    auto& added = instances_.emplace(key, std::move(fresh)).first->second;
    try {
        of.instances.insert(key);
        due_.emplace(first, key);
        turns_.add_instance(project, standing::unknown);
    } catch (const std::exception&) {
        of.instances.erase(key);
        due_.erase({first, key});
        instances_.erase(key);
        throw;
    }
    added.rhythm.stretch(of.plan.factor);
    weigh(added);
}

void scheduler::change_interval(instance_key key, milliseconds interval, uptime now) {
    auto& of = instances_.at(key);
    of.rhythm.change_interval(interval);
    weigh(of);
    plan_anew(key, of, now);
}

std::optional<ticket> scheduler::remove(instance_key key) {
    const auto found = instances_.find(key);
    if (found == instances_.end())
        return std::nullopt;
    instance_plan& gone = found->second;
    std::optional<ticket> asked;
    if (gone.asks != 0) {
        asked = gone.asks;
        withdraw(*asked);
    }
    due_.erase({gone.next, key});
    std::erase(decided_.begin, key);
    turns_.give_back(key);
    turns_.remove_instance(gone.project, gone.is);
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
    turns_.remove_instance(moved.project, moved.is);
    turns_.add_instance(to, moved.is);
    moved.project = to;
    projects_.at(to).instances.insert(key);
    moved.rhythm.stretch(projects_.at(to).plan.factor);
    weigh(moved);
}

void scheduler::weigh(instance_plan& of) {
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

// The first poll keeps its turn, and one that runs plans what comes after it when it ends.
void scheduler::plan_anew(instance_key key, instance_plan& of, uptime now) {
    if (!of.running && of.is != standing::unknown)
        plan_next(key, of, next_tick_of(of, now));
}

uptime scheduler::next_tick_of(const instance_plan& of, uptime now) {
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
    return found != instances_.end() && found->second.is == standing::failing;
}

std::uint64_t scheduler::poll_ended(instance_key key, const poll_end& how, uptime now) {
    const auto found = instances_.find(key);
    if (found == instances_.end())
        return 0;
    instance_plan& of = found->second;
    if (of.asks != 0)
        withdraw(of.asks); // nobody goes on with that
    turns_.give_back(key);
    of.running = false;
    const grid ticks = of.rhythm.ticks();
    const std::uint64_t missed = ticks.ticks_between(of.began, ticks.next_after(now));

    const standing before = std::exchange(of.is, how.succeeded ? standing::good : standing::failing);
    turns_.changes(of.project, before, of.is);
    if (how.succeeded)
        of.rhythm.succeeded();
    else if (!how.sent_nothing)
        of.rhythm.failed();
    if (how.requests > 0 && how.requests != of.requests) {
        of.requests = how.requests;
        weigh(of);
    }

    of.not_before = how.pause_until.value_or(uptime());
    plan_next(key, of, next_tick_of(of, now));
    return missed;
}

// Where memory runs out, what was decided before is told the next time.
scheduler::actions scheduler::next(uptime now) {
    plan_stretches(now);
    begin_due(now);
    give_leave(now);
    decided_.wake = next_wake(now);
    tell_leave();
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
        const bool begins = of.plan.factor > 1 && of.told_of == 1;
        const bool is_news = begins || (of.plan.factor > 1 && of.plan.factor >= of.told_of * much_more);
        if (is_news || of.plan.factor == 1)
            of.told_of = of.plan.factor;
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

} // namespace replmond::schedule
