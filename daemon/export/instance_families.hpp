#pragma once

#include "daemon/export/family_facts.hpp"
#include "daemon/model/instance.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace replmond::exposition {

/// One metric family whose series carry the label starrocks_instance: its line in docs/metrics.md, and
/// how its samples of one instance are written.
struct instance_family {
    std::string_view name;
    std::string_view type;   ///< gauge or counter; state sets and info metrics are gauges
    std::string_view labels; ///< for docs/metrics.md, in the order of the samples
    std::string_view help;

    /// A digest of what the samples are made of, beside what common_facts() has: they are to be rendered
    /// anew only where it or that changes. Null: they change with every poll.
    std::uint64_t (*facts)(const instance_state& of, const render_context& context);

    void (*render)(std::string& text, std::string_view name, const instance_state& of,
                   const render_context& context);
};

/// All of them, in the order in which they are exported.
std::span<const instance_family> instance_families();

} // namespace replmond::exposition
