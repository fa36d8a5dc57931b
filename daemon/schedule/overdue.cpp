#include "daemon/schedule/overdue.hpp"

#include "daemon/schedule/scheduler.hpp"

#include <algorithm>
#include <set>

namespace replmond::schedule {

bool is_overdue(const poll_progress& of, overdue_limits limits, uptime now) {
    switch (of.step) {
    case poll_step::idle:
        return now - of.due > limits.grace;
    case poll_step::waits:
        return false;
    case poll_step::works:
        return now - of.since > limits.poll + limits.grace;
    case poll_step::aside:
        // Polls behind an unproven credential go one at a time, each with its own deadline: that may take
        // long, but something moves.
        return of.has_budget && now - std::max(of.since, of.others_since) > limits.poll + limits.grace;
    }
    return false;
}

std::vector<instance_key> scheduler::overdue(overdue_limits limits, uptime now) const {
    std::set<instance_key> asks;
    for (const auto& [number, asked] : requests_) {
        if (asked.poll && !asked.has_leave)
            asks.insert(*asked.poll);
    }
    std::vector<instance_key> found;
    for (const auto& [key, of] : instances_) {
        const project_plan& whose = projects_.at(of.project);
        poll_progress progress{poll_step::idle, of.next, of.since, whose.moved, !whose.short_since};
        if (asks.contains(key))
            progress.step = poll_step::waits;
        else if (of.running)
            progress.step = turns_.holds(key) ? poll_step::works : poll_step::aside;
        if (is_overdue(progress, limits, now))
            found.push_back(key);
    }
    return found;
}

} // namespace replmond::schedule
