#pragma once

#include "daemon/core/schedule/interval.hpp"

namespace replmond::schedule {

/// What an instance's poll is at.
enum class poll_step {
    idle,  ///< none runs
    waits, ///< for a slot or for budget: as long as there is none, that has no deadline
    works, ///< a request is out, or the next one is made
    aside  ///< for others of its project to get a credential, or for its retry
};

/// As of now, for is_overdue().
struct poll_progress {
    poll_step step = poll_step::idle;
    uptime due{};           ///< the next tick
    uptime since{};         ///< when this poll last made a step; of one that waits: since when nothing is in
                            ///< its way but others who have the slots
    uptime others_since{};  ///< when any request of its project was let out or ended
    bool has_budget = true; ///< false: somebody of its project waits for it; of one that waits: it does
    bool has_slot = false;  ///< of one that waits: there is one that it may have
};

struct overdue_limits {
    milliseconds poll{};  ///< a poll's own deadline
    milliseconds grace{}; ///< beyond that, and beyond the tick of one that does not run
};

/// True for a poll that should have begun, gone on or ended long ago, and whose deadlines should have seen to
/// it: the daemon is broken, not the cloud slow.
bool is_overdue(const poll_progress& of, overdue_limits limits, uptime now);

} // namespace replmond::schedule
