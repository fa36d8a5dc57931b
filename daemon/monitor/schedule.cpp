#include "daemon/monitor/schedule.hpp"

#include <algorithm>

namespace replmond::monitor {
namespace {

// FNV-1a with a final mix: the same on every machine and in every release, unlike std::hash.
std::uint64_t stable_hash(std::string_view text) {
    std::uint64_t hash = 0xcbf29ce484222325;
    for (const char c : text) {
        hash ^= static_cast<std::uint8_t>(c);
        hash *= 0x100000001b3;
    }
    hash ^= hash >> 33;
    hash *= 0xff51afd7ed558ccd;
    hash ^= hash >> 33;
    return hash;
}

} // namespace

uptime grid::next_after(uptime now) const {
    if (now < phase)
        return phase;
    return phase + ((now - phase) / interval + 1) * interval;
}

std::uint64_t grid::ticks_between(uptime after, uptime until) const {
    const uptime first = next_after(after);
    if (first >= until)
        return 0;
    return static_cast<std::uint64_t>((until - first - milliseconds(1)) / interval) + 1;
}

grid grid_of(std::string_view instance_id, milliseconds interval) {
    const auto length = static_cast<std::uint64_t>(interval.count());
    return {milliseconds(static_cast<std::int64_t>(stable_hash(instance_id) % length)), interval};
}

uptime first_poll(std::size_t index, std::size_t count, milliseconds interval) {
    const milliseconds window = std::min<milliseconds>(interval, std::chrono::seconds(10));
    return window * static_cast<std::int64_t>(index) /
           static_cast<std::int64_t>(std::max<std::size_t>(count, 1));
}

} // namespace replmond::monitor
