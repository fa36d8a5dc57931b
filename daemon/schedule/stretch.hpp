#pragma once

#include "daemon/schedule/request_budget.hpp"

namespace replmond::schedule {

/// The requests that a project's polls need in one window, and by how much their intervals have to be
/// stretched so that these are at most 80 % of what is allowed. The rest is for credentials, error texts,
/// retries and discovery.
struct stretch_plan {
    double planned = 0; ///< requests a window, at the configured intervals
    int allowed = 0;    ///< requests a window
    double factor = 1;  ///< 1 or more

    bool operator==(const stretch_plan&) const = default;
};

/// `requests_per_ms`: the sum over the project's instances of requests a poll / configured interval.
/// The factor is rounded up to steps of 5 %, and `before` is kept as long as it fits and is not more than 10
/// % too much: intervals do not change at every poll.
stretch_plan plan_stretch(double requests_per_ms, milliseconds window, int allowed, double before);

} // namespace replmond::schedule
