#pragma once

#include "daemon/core/model/instance.hpp"
#include "daemon/core/model/time.hpp"

#include <span>
#include <string>
#include <string_view>

namespace replmond::metrics {

/// What rendering needs besides the instance itself.
struct render_context {
    timestamp now{};            ///< of the even clock
    milliseconds stale_after{}; ///< tasks that were not seen for this long have no series any more
};

/// Calls `write(name of the task, its state)` for every task that has series at `context.now`.
template<class Write>
void each_task(const instance_state& of, const render_context& context, Write write) {
    for (const auto& [name, task] : of.tasks) {
        if (!is_stale(task.unseen_since, context.stale_after, context.now))
            write(name, task);
    }
}

/// When the samples of a family may change.
enum class updated {
    with_tasks, ///< with the tasks and the identity of the instance
    with_polls, ///< with every poll
    with_lag    ///< with every read of the lag, and with the tasks
};

/// One metric family whose series have the label starrocks_instance: its row in docs/metrics.md, and how its
/// samples of one instance are rendered.
struct instance_family {
    std::string_view name;
    std::string_view type;   ///< gauge or counter; state sets and info metrics are gauges
    std::string_view labels; ///< for docs/metrics.md, in the order of the samples
    std::string_view help;
    updated when;

    void (*render)(std::string& text, std::string_view name, const instance_state& of,
                   const render_context& context);
};

/// All families, in the order in which they are exported.
std::span<const instance_family> instance_families();

} // namespace replmond::metrics
