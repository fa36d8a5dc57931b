#pragma once

#include "daemon/model/instance.hpp"

#include <span>
#include <string>
#include <string_view>

namespace replmond::exposition {

/// What rendering needs besides the instance itself.
struct render_context {
    timestamp now{};
    milliseconds stale_after{}; ///< tasks unseen for this long have no series any more
};

/// One metric family whose series carry the label starrocks_instance: its line in docs/metrics.md, and
/// how its samples of one instance are written.
struct instance_family {
    std::string_view name;
    std::string_view type;   ///< gauge or counter; state sets and info metrics are gauges
    std::string_view labels; ///< for docs/metrics.md, in the order of the samples
    std::string_view help;
    bool of_tasks; ///< changes with the tasks and the identity only; the others with every poll
    void (*render)(std::string& text, std::string_view name, const instance_state& of,
                   const render_context& context);
};

/// All of them, in the order in which they are exported.
std::span<const instance_family> instance_families();

} // namespace replmond::exposition
