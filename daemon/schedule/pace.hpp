#pragma once

#include "daemon/schedule/grid.hpp"

#include <string>

namespace replmond::schedule {

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
