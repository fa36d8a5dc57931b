#pragma once

#include "daemon/core/model/time.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace replmond::schedule {

/// A point on the monotonic clock, in ms since the daemon's start: what schedules are made of.
using uptime = milliseconds;

/// Ticks at phase, phase + interval, phase + 2 * interval, …: a fixed grid, so that late polls cause no
/// drift.
struct grid {
    uptime phase{};
    milliseconds interval{};

    /// The first tick after `now`.
    uptime next_after(uptime now) const;

    /// Ticks in (after, until): those that were missed when one poll ran from `after` and the next starts at
    /// `until`.
    std::uint64_t ticks_between(uptime after, uptime until) const;
};

/// An instance's grid: its phase is a fixed fraction of the interval, from a hash of the id, so that the
/// instances of a fleet are spread over the interval, each always at the same place.
grid grid_of(std::string_view instance_id, milliseconds interval);

/// When instance `index` of `count` is first polled: at once, but spread over min(interval, 10 s), of which
/// the last tenth is left, so that all have been read within it.
uptime first_poll(std::size_t index, std::size_t count, milliseconds interval);

/// How often one instance is polled: its own interval, stretched with its project where the budget is too
/// small, slowed after 5 failed polls in a row: 2, 4, then 8 times as long until one succeeds.
class pace {
public:
    pace(std::string instance_id, milliseconds interval) : id_(std::move(instance_id)), interval_(interval) {}

    void change_interval(milliseconds interval) { interval_ = interval; }
    void stretch(double factor) { stretch_ = factor; }

    /// A poll ended.
    void succeeded() { failures_ = 0; }
    void failed() { ++failures_; }

    /// The interval as configured.
    milliseconds configured() const { return interval_; }
    /// Stretched and slowed, rounded up to a millisecond.
    milliseconds in_force() const;
    grid ticks() const { return grid_of(id_, in_force()); }

private:
    std::string id_;
    milliseconds interval_;
    double stretch_ = 1;
    int failures_ = 0; ///< in a row
};

} // namespace replmond::schedule
