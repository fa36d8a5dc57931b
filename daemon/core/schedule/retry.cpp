// Decides whether a failed request of a poll is sent again, and after how long (the contract, What a poll
// does).

#include "daemon/core/schedule/retry.hpp"

#include <algorithm>

namespace replmond::schedule {

namespace {

constexpr int most_attempts = 3;
constexpr milliseconds first_backoff{500};
constexpr milliseconds shortest_pause = std::chrono::seconds(1);
constexpr milliseconds longest_pause = std::chrono::minutes(5);

bool may_be_cured_by_time(const failure& why) {
    if (why.result == poll_result::network || why.result == poll_result::timeout)
        return true;
    const int status = why.http_status;
    return why.result == poll_result::http && (status == 500 || (status >= 502 && status <= 504));
}

// "Full jitter", as the AWS Architecture Blog describes it: a random time between 0 and a maximum that
// doubles with each attempt.
milliseconds backoff(int attempts, double jitter) {
    const auto most = first_backoff * (1 << (std::clamp(attempts, 1, most_attempts) - 1));
    return milliseconds(static_cast<std::int64_t>(static_cast<double>(most.count()) * jitter));
}

} // namespace

std::optional<milliseconds> pause_after(const failure& why) {
    if (why.result != poll_result::throttled || !why.retry_after)
        return std::nullopt;
    return std::clamp(*why.retry_after, shortest_pause, longest_pause);
}

retry_decision after_failure(const failure& why, const failed_attempt& at, double jitter) {
    retry_decision decision;
    std::optional<uptime> when;
    if (const auto pause = pause_after(why)) {
        decision.pause_until = at.now + *pause;
        when = decision.pause_until;
    } else if (may_be_cured_by_time(why)) {
        when = at.now + backoff(at.attempts, jitter);
    }
    const bool allowed = at.attempts < most_attempts && !at.instance_failing && at.within_share;
    if (when && allowed && *when < at.next_tick)
        decision.again = when;
    return decision;
}

} // namespace replmond::schedule
