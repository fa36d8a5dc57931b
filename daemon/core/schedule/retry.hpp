#pragma once

#include "daemon/core/model/failure.hpp"
#include "daemon/core/schedule/interval.hpp"

#include <optional>

namespace replmond::schedule {

/// The situation after a request of a poll failed.
struct failed_attempt {
    int attempts = 1;              ///< of this request, including the one that just failed
    bool instance_failing = false; ///< the instance's last poll failed: then it has one attempt a tick
    bool within_share = true;      ///< the project may send one more retry, or this poll has sent none yet
    uptime now{};
    uptime next_tick{}; ///< of the instance; a retry must start before it
};

/// What happens after a failed request.
struct retry_decision {
    std::optional<uptime> again;       ///< when to send it again; nothing: the poll ends
    std::optional<uptime> pause_until; ///< the instance is not polled before that time (Retry-After)
};

/// How long an instance is not polled after a 429: the answer's Retry-After (RFC 9110 10.2.3), clamped to 1 s
/// .. 5 min. Nothing for other failures, and for a 429 without Retry-After.
std::optional<milliseconds> pause_after(const failure& why);

/// Connect errors, resets, timeouts, 500, 502, 503 and 504 are tried again, at most 3 attempts in all, after
/// a random part (`jitter`, 0..1) of a time that doubles with each attempt. A 429 is tried again after its
/// Retry-After, clamped to 1 s .. 5 min; without Retry-After the poll ends (the contract, What a poll does).
retry_decision after_failure(const failure& why, const failed_attempt& at, double jitter);

} // namespace replmond::schedule
