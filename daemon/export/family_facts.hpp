#pragma once

#include "daemon/export/digest.hpp"
#include "daemon/model/instance.hpp"

#include <cstdint>

/// Digests of what the samples of an instance's families are made of, so that only what has changed is
/// rendered anew. Whoever adds something to a family's samples adds it here.
namespace replmond::exposition {

/// What rendering needs besides the instance itself.
struct render_context {
    timestamp now{};
    milliseconds stale_after{}; ///< tasks unseen for this long have no series any more
};

/// Calls `write(name of the task, its state)` for every task that has series now.
template<class Write>
void each_task(const instance_state& of, const render_context& context, Write write) {
    for (const auto& [name, task] : of.tasks) {
        if (!is_stale(task.unseen_since, context.stale_after, context.now))
            write(name, task);
    }
}

/// Of every family: who the instance is, and which tasks have series.
std::uint64_t common_facts(const instance_state& of, const render_context& context);

/// What each task's last reading has in these fields.
template<auto... Field>
std::uint64_t facts_of(const instance_state& of, const render_context& context) {
    digest all;
    each_task(of, context,
              [&](const std::string&, const task_state& task) { (all.add(task.reading.*Field), ...); });
    return all.value();
}

std::uint64_t facts_of_transitions(const instance_state& of, const render_context& context);
std::uint64_t facts_of_count(const instance_state& of, const render_context& context);

/// When something was last seen to change.
template<timestamp task_state::*Changed>
std::uint64_t facts_of_time(const instance_state& of, const render_context& context) {
    digest all;
    each_task(of, context, [&](const std::string&, const task_state& task) { all.add(task.*Changed); });
    return all.value();
}

} // namespace replmond::exposition
