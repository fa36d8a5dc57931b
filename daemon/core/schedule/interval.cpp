// Computes the ticks of an instance: a fixed grid, stretched together with its project, slowed while its
// polls fail.

#include "daemon/core/schedule/interval.hpp"

#include "daemon/core/schedule/stable_hash.hpp"

#include <algorithm>
#include <cmath>

namespace replmond::schedule {

uptime grid::next_after(uptime now) const {
    if (now < phase)
        return phase;
    return phase + ((now - phase) / interval + 1) * interval;
}

std::uint64_t grid::ticks_between(uptime after, uptime until) const {
    const uptime first = next_after(after);
    if (first >= until)
        return 0;
    // Minus 1 ms, because a tick at `until` itself is not missed.
    return static_cast<std::uint64_t>((until - first - milliseconds(1)) / interval) + 1;
}

grid grid_of(std::string_view instance_id, milliseconds interval) {
    const auto length = static_cast<std::uint64_t>(interval.count());
    return {milliseconds(static_cast<std::int64_t>(stable_hash(instance_id) % length)), interval};
}

uptime first_poll(std::size_t index, std::size_t count, milliseconds interval) {
    const milliseconds window = std::min<milliseconds>(interval, std::chrono::seconds(10));
    return window * 9 / 10 * static_cast<std::int64_t>(index) /
           static_cast<std::int64_t>(std::max<std::size_t>(count, 1));
}

namespace {

constexpr int failures_before_slowing = 5;
constexpr int most_doublings = 3; // at most 8 times the interval

} // namespace

milliseconds pace::in_force() const {
    const int doublings = std::clamp(failures_ - failures_before_slowing + 1, 0, most_doublings);
    const auto length = static_cast<double>(interval_.count()) * stretch_ * (1 << doublings);
    // Without the small subtraction a rounding error, such as 60000.000000000007, would add a millisecond.
    return milliseconds(static_cast<std::int64_t>(std::ceil(length - 1e-6)));
}

} // namespace replmond::schedule
