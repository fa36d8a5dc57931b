#pragma once

#include "daemon/core/model/time.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace replmond::schedule {

/// A point on the monotonic clock, in ms since the daemon's start. All times of this folder are of this type.
using uptime = milliseconds;

/// The ticks of one instance: phase, phase + interval, phase + 2 * interval, … The grid is fixed, so that a
/// late poll does not shift the polls after it.
struct grid {
    uptime phase{};
    milliseconds interval{};

    /// The first tick after `now`.
    uptime next_after(uptime now) const;

    /// The number of ticks in the open range (after, until): the ticks that were missed when one poll began
    /// at `after` and the next one begins at `until`.
    std::uint64_t ticks_between(uptime after, uptime until) const;
};

/// The grid of an instance. The phase is derived from a hash of the id, so that the polls of many instances
/// are spread over the interval, and an instance has the same phase after every restart. `interval` must be
/// at least 1 ms.
grid grid_of(std::string_view instance_id, milliseconds interval);

/// The delay before the first poll of instance `index` of `count`. The first polls are spread over
/// min(interval, 10 s) (the contract, Configuration). The last tenth of that time stays free, so that the
/// last polls can end within it.
uptime first_poll(std::size_t index, std::size_t count, milliseconds interval);

/// How often one instance is polled. The configured interval is multiplied by the stretch factor of the
/// project (1 unless its budget is too small for its polls). After 5 failed polls in a row the interval is
/// also doubled, after 6 it is 4 times as long, after 7 or more 8 times, until a poll succeeds.
class pace {
public:
    pace(std::string instance_id, milliseconds interval) : id_(std::move(instance_id)), interval_(interval) {}

    void change_interval(milliseconds interval) { interval_ = interval; }
    void stretch(double factor) { stretch_ = factor; }

    /// To be called at the end of each poll.
    void succeeded() { failures_ = 0; }
    void failed() { ++failures_; }

    /// The interval as configured.
    milliseconds configured() const { return interval_; }
    /// The interval after stretching and slowing, rounded up to a millisecond.
    milliseconds in_force() const;
    grid ticks() const { return grid_of(id_, in_force()); }

private:
    std::string id_;
    milliseconds interval_;
    double stretch_ = 1;
    int failures_ = 0; ///< in a row
};

} // namespace replmond::schedule
