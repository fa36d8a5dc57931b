// Finds the instances that a query asks for, step by step.
#include "daemon/export/instance_selection.hpp"

#include <utility>

namespace replmond::exposition {
namespace {

// In tasks: an instance whose totals are known counts for a few.
constexpr std::size_t cost_of_a_step = 512;
constexpr std::size_t cost_of_an_instance = 8;
constexpr std::size_t sorted_in_a_step = 128;

task_totals totals_of(const instance_state& of, const fleet_view& fleet) {
    return fleet.totals == nullptr ? add_up(of, fleet.context) : fleet.totals->of(of, fleet.context);
}

int severity_of(const instance_state& of, const task_totals& totals) {
    const auto& result = of.last_result;
    if (result && *result != poll_result::success)
        return 0;
    if (totals.abnormal > 0)
        return 1;
    if (totals.needs_repair > 0)
        return 2;
    if (totals.stale > 0)
        return 3;
    return result ? 5 : 4;
}

void add(fleet_totals& sum, const instance_state& of, const task_totals& totals) {
    const auto& result = of.last_result;
    ++sum.instances;
    sum.failing += result && *result != poll_result::success ? 1U : 0U;
    sum.not_polled += result ? 0U : 1U;
    sum.tasks += of.tasks.size();
    for (std::size_t i = 0; i < stage_count; ++i)
        sum.of_tasks.stages[i] += totals.stages[i];
    sum.of_tasks.abnormal += totals.abnormal;
    sum.of_tasks.needs_repair += totals.needs_repair;
    sum.of_tasks.stale += totals.stale;
}

} // namespace

instance_search::instance_search(instance_query query)
    : query_(std::move(query)),
      found_(query_.offset, query_.limit.value_or(static_cast<std::size_t>(-1)), in_order()) {}

bool instance_search::step(const fleet_view& fleet) {
    if (all_seen_)
        return found_.sort(sorted_in_a_step);
    all_seen_ =
        walk_.over_instances(fleet, cost_of_a_step, [&](const instance_state& of) { return see(of, fleet); });
    return false;
}

std::size_t instance_search::see(const instance_state& of, const fleet_view& fleet) {
    const task_totals totals = totals_of(of, fleet);
    add(sum_, of, totals);
    if (admits(query_, of)) {
        const int severity = query_.order == instance_order::severity ? severity_of(of, totals) : 0;
        found_.add({severity, found_.total(), key_of(of)});
    }
    return cost_of_an_instance + of.tasks.size();
}

listed_instance instance_search::at(const fleet_view& fleet, std::size_t place) const {
    const instance_state* of = find_instance(fleet.instances(), found_[place].key);
    return of == nullptr ? listed_instance() : listed_instance{of, totals_of(*of, fleet)};
}

} // namespace replmond::exposition
