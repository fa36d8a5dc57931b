#pragma once

#include "daemon/core/schedule/interval.hpp"

namespace replmond::schedule {

/// The state of an instance's poll.
enum class poll_step {
    idle,  ///< no poll of this instance runs
    waits, ///< its request waits for a slot or for budget; while there is none, the wait has no deadline
    works, ///< it holds a slot: a request is out, or the next one is being prepared
    waits_without_slot ///< it gave up its slot and waits for the project's credential, or for its retry
};

/// The progress of one poll as of now: the input of is_overdue().
struct poll_progress {
    poll_step step = poll_step::idle;
    uptime due{};   ///< the next tick
    uptime since{}; ///< when this poll last made a step. With `waits`: since when its project has
                    ///< budget, so that only the polls that hold the slots can delay it
    uptime project_progress_since{}; ///< when any request of its project last got a permit or ended
    bool has_budget = true; ///< false: some request of its project waits for budget. With `waits`: this
                            ///< poll's request does
    bool has_slot = false;  ///< with `waits`: a slot is free that this poll may take
};

/// The limits of is_overdue().
struct overdue_limits {
    milliseconds poll{};  ///< the longest time that a poll may take by its own deadline
    milliseconds grace{}; ///< tolerated beyond that deadline, or after the tick of a poll that did not begin
};

/// True for a poll that should have begun, gone on or ended long ago although its own deadlines should have
/// ensured that. The cause is then a defect of the daemon, not a slow cloud.
bool is_overdue(const poll_progress& of, overdue_limits limits, uptime now);

} // namespace replmond::schedule
