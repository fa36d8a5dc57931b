#pragma once

#include "daemon/core/model/failure.hpp"
#include "daemon/core/schedule/interval.hpp"

#include <optional>

namespace replmond::schedule {

/// The situation after a request of a poll failed.
struct failed_attempt {
    int attempts = 1;              ///< of this request, this one included
    bool instance_failing = false; ///< the poll before failed: one attempt a tick
    bool within_share = true;      ///< retries of the project are within their share, or this poll had none
    uptime now{};
    uptime next_tick{}; ///< retries start before it
};

/// What comes after a failed request.
struct retry_decision {
    std::optional<uptime> again;       ///< send it again then; nothing: the poll ends
    std::optional<uptime> pause_until; ///< the instance is left alone until then (Retry-After)
};

/// How long an instance is left alone after a 429 that says so: Retry-After, taken as 1 s to 5 min.
std::optional<milliseconds> pause_after(const failure& why);

/// Connect errors, resets, timeouts, 500, 502, 503 and 504 are tried again, 3 attempts in all, after a random
/// part of a doubling time (full jitter): `jitter` is 0..1. A 429 is tried again after its Retry-After,
/// taken as 1 s to 5 min; without one the poll ends.
retry_decision after_failure(const failure& why, const failed_attempt& at, double jitter);

} // namespace replmond::schedule
