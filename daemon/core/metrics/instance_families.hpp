#pragma once

#include "daemon/core/model/instance.hpp"
#include "daemon/core/model/time.hpp"

#include <bit>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

namespace replmond::metrics {

/// A number that stands for a sequence of values, to tell cheaply whether a text made of them must be made
/// anew. 64 bits: two different sequences share one about never. Of this process only.
class digest {
public:
    void add(std::uint64_t value) {
        value_ = (value_ ^ value) * 0x9e3779b97f4a7c15U; // an odd number: no two values fall together
        value_ ^= value_ >> 32;
    }

    template<class T>
    requires std::is_enum_v<T>
    void add(T value) { add(static_cast<std::uint64_t>(value)); }

    void add(bool value) { add(std::uint64_t{value}); }
    void add(double value) { add(std::bit_cast<std::uint64_t>(value)); }
    void add(timestamp value) { add(static_cast<std::uint64_t>(value.time_since_epoch().count())); }
    void add(std::string_view value) { add(std::uint64_t{std::hash<std::string_view>()(value)}); }

    template<class T>
    void add(const std::optional<T>& value) {
        add(value.has_value());
        if (value)
            add(*value);
    }

    std::uint64_t value() const { return value_; }

private:
    std::uint64_t value_ = 0;
};

// Digests of what the samples of an instance's families are made of, so that only what has changed is
// rendered anew. Whoever adds something to a family's samples adds it here.

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

} // namespace replmond::metrics
