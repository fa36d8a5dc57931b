// Finds the polls that should have made progress long ago. While there is one, the daemon does not notify
// systemd's watchdog, so that systemd restarts it.

#include "daemon/core/schedule/overdue.hpp"

#include "daemon/core/schedule/scheduler.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

namespace replmond::schedule {

bool is_overdue(const poll_progress& of, overdue_limits limits, uptime now) {
    switch (of.step) {
    case poll_step::idle:
        return now - of.due > limits.grace;
    case poll_step::waits:
        return of.has_budget && of.has_slot && now - of.since > limits.grace;
    case poll_step::works:
        return now - of.since > limits.poll + limits.grace;
    case poll_step::waits_without_slot:
        break;
    }
    // While a credential has not been accepted yet, only one request of the project is sent at a time, and
    // each has a deadline of its own. So this wait may be long, but requests of the project make progress.
    return of.has_budget && now - std::max(of.since, of.project_progress_since) > limits.poll + limits.grace;
}

// Counts all known instances, but only the slots that are held by a running poll: a slot whose poll has ended
// was lost, and must not excuse a wait.
std::set<scheduler::queue_key> scheduler::queues_with_room() const {
    std::map<queue_key, int> there;
    for (const auto& [key, of] : instances_)
        ++there[{of.project, of.is}];
    return slots_.queues_with_room(there, [this](instance_key holder) { return is_running(holder); });
}

// The progress of a poll whose request waits for its permit. Such a wait has no deadline while the project
// has no budget or all slots that the poll may take are held.
poll_progress scheduler::progress_in_line(const request& asked, ticket number, uptime now,
                                          std::optional<std::set<queue_key>>& with_room) const {
    poll_progress progress;
    progress.step = poll_step::waits;
    const auto payer = projects_.find(asked.project);
    progress.has_budget = payer != projects_.end() && can_pay(payer->second, purpose::poll, now);
    if (!progress.has_budget)
        return progress;
    progress.since = std::max(asked.since, payer->second.polls_have_budget_from);
    if (!with_room)
        with_room = queues_with_room();
    const auto waits_in = slots_.queue_of(number);
    progress.has_slot = !waits_in || with_room->contains(*waits_in);
    return progress;
}

std::vector<instance_key> scheduler::overdue(overdue_limits limits, uptime now) const {
    std::vector<instance_key> found;
    std::optional<std::set<queue_key>> with_room; // computed when the first waiting request needs it
    for (const auto& [key, of] : instances_) {
        const project_plan& whose = projects_.at(of.project);
        poll_progress progress{poll_step::idle, of.next, of.since, whose.moved, !whose.out_of_budget_since};
        if (of.running)
            progress.step = slots_.holds(key) ? poll_step::works : poll_step::waits_without_slot;
        const auto asked = requests_.find(of.permit_request);
        if (asked != requests_.end() && !asked->second.has_permit)
            progress = progress_in_line(asked->second, of.permit_request, now, with_room);
        if (is_overdue(progress, limits, now))
            found.push_back(key);
    }
    return found;
}

} // namespace replmond::schedule
