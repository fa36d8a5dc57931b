#pragma once

#include "daemon/schedule/grid.hpp"

namespace replmond::schedule {

/// What an instance's poll is at.
enum class poll_step {
    idle,  ///< none runs
    waits, ///< for a slot or for budget: that has no deadline
    works, ///< a request is out, or the next one is made
    aside  ///< for others of its project to get a credential, or for its retry
};

/// As of now, for is_overdue().
struct poll_progress {
    poll_step step = poll_step::idle;
    uptime due{};           ///< the next tick
    uptime since{};         ///< when this poll last made a step
    uptime others_since{};  ///< when any request of its project was let out or ended
    bool has_budget = true; ///< false: somebody of its project waits for it
};

struct overdue_limits {
    milliseconds poll{};  ///< a poll's own deadline
    milliseconds grace{}; ///< beyond that, and beyond the tick of one that does not run
};

/// True for a poll that should have begun or ended long ago, and whose deadlines should have seen to it: the
/// daemon is broken, not the cloud slow.
bool is_overdue(const poll_progress& of, overdue_limits limits, uptime now);

} // namespace replmond::schedule
