#include "daemon/export/family_facts.hpp"

#include <string>

namespace replmond::exposition {

std::uint64_t common_facts(const instance_state& of, const render_context& context) {
    digest all;
    const instance_identity& who = of.identity;
    for (const std::string* part : {&who.project, &who.project_id, &who.region, &who.name, &who.id})
        all.add(*part);
    for (const auto& [key, value] : who.labels) {
        all.add(key);
        all.add(value);
    }
    each_task(of, context, [&](const std::string& name, const task_state&) { all.add(name); });
    return all.value();
}

std::uint64_t facts_of_transitions(const instance_state& of, const render_context&) {
    digest all;
    for (const auto& from : of.counters.transitions) {
        for (const std::uint64_t count : from)
            all.add(count);
    }
    return all.value();
}

std::uint64_t facts_of_count(const instance_state& of, const render_context& context) {
    digest all;
    all.add(of.task_count);
    all.add(is_stale(of.failing_since, context.stale_after, context.now));
    return all.value();
}

} // namespace replmond::exposition
