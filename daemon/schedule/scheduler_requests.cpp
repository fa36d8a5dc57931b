// Which request may go out when: leave, turns and budget.
#include "daemon/schedule/scheduler.hpp"

#include <algorithm>

namespace replmond::schedule {
namespace {

constexpr std::array others_in_order = {purpose::reason, purpose::discovery};

std::size_t index(purpose what) {
    return static_cast<std::size_t>(what);
}

} // namespace

ticket scheduler::ask(project_key project, purpose what, std::optional<instance_key> poll, bool is_retry,
                      uptime now) {
    const ticket asked = ++last_ticket_;
    requests_.emplace(asked, request{project, what, poll, is_retry, false, false, now});
    auto& of = projects_.at(project);
    if (what != purpose::poll || !poll) {
        of.waiting[index(what)].insert(asked);
        return asked;
    }
    instance_plan& whose = instances_.at(*poll);
    whose.asks = asked;
    if (turns_.holds(*poll)) {
        if (can_pay(of, what, now)) {
            give(asked, now);
            return asked;
        }
        turns_.give_back(*poll); // waiting holds no slot
    }
    const contender who{*poll, project, whose.is, whose.turn};
    turns_.wait(asked, who);
    return asked;
}

void scheduler::withdraw(ticket asked) {
    const auto found = requests_.find(asked);
    if (found == requests_.end())
        return;
    if (found->second.has_leave) {
        ended(asked, false, false, found->second.since);
        return;
    }
    if (const auto of = projects_.find(found->second.project); of != projects_.end())
        of->second.waiting[index(found->second.what)].erase(asked);
    turns_.leave(asked);
    asks_no_more(found->second, asked);
    requests_.erase(found);
}

void scheduler::asks_no_more(const request& of, ticket asked) {
    const auto whose = of.poll ? instances_.find(*of.poll) : instances_.end();
    if (whose != instances_.end() && whose->second.asks == asked)
        whose->second.asks = 0;
}

void scheduler::ended(ticket given, bool was_sent, bool throttled, uptime now) {
    const auto found = requests_.find(given);
    const request over = found->second;
    requests_.erase(found);
    if (!over.is_told)
        std::erase(given_, given);
    asks_no_more(over, given);
    steps(over, now);
    const auto of = projects_.find(over.project);
    if (of == projects_.end())
        return;
    of->second.budget.end(over.what, over.is_retry, now, !was_sent);
    if (throttled)
        of->second.budget.throttled(over.since, now);
}

// Credentials, polls, error texts, discovery: a project's later ones only get what the earlier ones leave.
void scheduler::give_leave(uptime now) {
    for (auto& [key, of] : projects_)
        give_in_order(of, purpose::credential, now);
    const auto pays = [&](project_key key) {
        const auto of = projects_.find(key);
        return of != projects_.end() && can_pay(of->second, purpose::poll, now);
    };
    while (const auto whose = turns_.next(pays))
        give(*whose, now);
    for (auto& [key, of] : projects_) {
        give_in_order(of, purpose::poll, now);
        for (const purpose what : others_in_order)
            give_in_order(of, what, now);
    }
}

void scheduler::tell_leave() {
    decided_.leave.swap(given_);
    for (const ticket each : decided_.leave) {
        request& told = requests_.at(each);
        told.is_told = true;
        asks_no_more(told, each);
    }
}

void scheduler::give_in_order(project_plan& of, purpose what, uptime now) {
    auto& waiting = of.waiting[index(what)];
    while (!waiting.empty() && can_pay(of, what, now)) {
        const ticket first = *waiting.begin();
        waiting.erase(waiting.begin());
        give(first, now);
    }
}

bool scheduler::can_pay(const project_plan& of, purpose what, uptime now) const {
    const auto at = of.budget.earliest(what, now);
    return at && *at <= now;
}

void scheduler::give(ticket to, uptime now) {
    request& asked = requests_.at(to);
    auto& of = projects_.at(asked.project);
    given_.push_back(to);
    if (of.short_since)
        of.waited += now - std::max(asked.since, *of.short_since);
    asked.has_leave = true;
    asked.since = now;
    steps(asked, now);
    of.budget.begin(asked.what, asked.is_retry, now);
}

void scheduler::steps(const request& of, uptime now) {
    if (const auto whose = projects_.find(of.project); whose != projects_.end())
        whose->second.moved = std::max(whose->second.moved, now);
    if (!of.poll)
        return;
    if (const auto poll = instances_.find(*of.poll); poll != instances_.end())
        poll->second.since = std::max(poll->second.since, now);
}

// When the first of those who wait can pay; nothing where nobody waits for that.
std::optional<uptime> scheduler::wait_for_budget(project_key key, project_plan& of, uptime now) {
    std::optional<uptime> first;
    bool is_short = false;
    const auto look = [&](purpose what) {
        const auto at = of.budget.earliest(what, now);
        if (at && *at <= now)
            return;
        is_short = true;
        if (what == purpose::poll)
            of.polls_pay_from = at.value_or(now);
        if (at && (!first || *at < *first))
            first = at;
    };
    for (std::size_t i = 0; i < purpose_count; ++i) {
        const auto what = static_cast<purpose>(i);
        if (!of.waiting[i].empty() || (what == purpose::poll && turns_.anybody_waits(key)))
            look(what);
    }
    if (!is_short)
        of.short_since.reset();
    else if (!of.short_since)
        of.short_since = now;
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
