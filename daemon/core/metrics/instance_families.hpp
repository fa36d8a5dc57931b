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

/// A 64-bit hash of a sequence of values. Equal digests mean that a text made from the values need not be
/// rendered again; a collision is too improbable to matter. Only comparable within one process (std::hash).
class digest {
public:
    void add(std::uint64_t value) {
        value_ = (value_ ^ value) * 0x9e3779b97f4a7c15U; // odd, so that the multiplication is a bijection
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

// Digests of the values that the samples of a family are made from, so that only families that have changed
// are rendered again. A value that is added to a family's samples must be added to its digest too.

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

/// The digest of what every family depends on: the instance's identity, and which tasks have series.
std::uint64_t common_facts(const instance_state& of, const render_context& context);

/// The digest of these fields of each task's last reading.
template<auto... Field>
std::uint64_t facts_of(const instance_state& of, const render_context& context) {
    digest all;
    each_task(of, context,
              [&](const std::string&, const task_state& task) { (all.add(task.reading.*Field), ...); });
    return all.value();
}

std::uint64_t facts_of_transitions(const instance_state& of, const render_context& context);
std::uint64_t facts_of_count(const instance_state& of, const render_context& context);

/// The digest of one time of each task: when a value was last seen to change.
template<timestamp task_state::*Changed>
std::uint64_t facts_of_time(const instance_state& of, const render_context& context) {
    digest all;
    each_task(of, context, [&](const std::string&, const task_state& task) { all.add(task.*Changed); });
    return all.value();
}

/// One metric family whose series have the label starrocks_instance: its row in docs/metrics.md, and how its
/// samples of one instance are rendered.
struct instance_family {
    std::string_view name;
    std::string_view type;   ///< gauge or counter; state sets and info metrics are gauges
    std::string_view labels; ///< for docs/metrics.md, in the order of the samples
    std::string_view help;

    /// The digest of what the samples depend on in addition to common_facts(). The samples are rendered again
    /// only if one of the two changes. Null: the samples change with every poll.
    std::uint64_t (*facts)(const instance_state& of, const render_context& context);

    /// Appends the samples of one instance; none where the value is not known.
    void (*render)(std::string& text, std::string_view name, const instance_state& of,
                   const render_context& context);
};

/// All families, in the order in which they are exported.
std::span<const instance_family> instance_families();

} // namespace replmond::metrics
