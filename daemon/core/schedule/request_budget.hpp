#pragma once

#include "daemon/core/schedule/interval.hpp"

#include <cstddef>
#include <deque>
#include <optional>

namespace replmond::schedule {

/// What a request is for, in the order in which requests get budget (the contract, What a poll does).
enum class purpose { credential, poll, reason, discovery };
inline constexpr std::size_t purpose_count = 4;

/// At most `requests` requests in any time window of the length `window`.
struct budget_limits {
    int requests = 200;
    milliseconds window{};

    bool operator==(const budget_limits&) const = default;
};

/// The requests of one project in a sliding window, and when the next one may be sent. A request counts from
/// the moment it is sent until one window after it has ended. The cloud received it at some moment between
/// sending and end, so the limit also holds over every window by the cloud's clock.
///
/// The calls must be made with a `now` that never decreases.
class request_budget {
public:
    explicit request_budget(budget_limits limits) : limits_(limits) {}

    /// Requests that were sent before the change still count, for the new window.
    void change(budget_limits limits, uptime now);
    const budget_limits& limits() const { return limits_; }

    /// The number of requests that count at `now`.
    int used(uptime now) const;

    /// How many requests may count at `now`: the limit, or less after a 429. A 429 halves the rate, which
    /// then recovers by a tenth of the limit a minute (the contract, What a poll does). Never less than 1.
    int allowed(uptime now) const;

    /// When a request of that purpose may be sent; `now` means at once. Nothing: only after a request that is
    /// under way has ended. Discovery may use a fifth of the limit, but at least one request.
    std::optional<uptime> earliest(purpose what, uptime now) const;

    /// A request is sent. The caller must call end() exactly once for it, with the same purpose and
    /// `is_retry`.
    void begin(purpose what, bool is_retry, uptime now);
    /// A request that was reported to begin() has ended. `unsent`: it was never sent, and does not count.
    void end(purpose what, bool is_retry, uptime now, bool unsent = false);

    /// A request that was sent at `sent` was answered by 429 (RFC 6585 4). If it was sent before the last
    /// halving, the rate is not halved again: the request was still sent at the old rate.
    void throttled(uptime sent, uptime now);

    /// True if with one more retry the retries are at most a tenth of the requests in the window (the
    /// contract, What a poll does).
    bool may_retry(uptime now) const;

private:
    struct record {
        uptime until; ///< when the request stops counting
        purpose what;
        bool is_retry;
    };
    struct counts {
        int all = 0;
        int discovery = 0;
        int retries = 0;
    };

    void forget_old(uptime now);
    counts counted(uptime now) const;
    double factor(uptime now) const;
    std::optional<uptime> nth_to_expire(int n, bool discovery_only, uptime now) const;

    budget_limits limits_;
    std::deque<record> ended_;        ///< ended requests, in the order of `until`
    counts under_way_;                ///< requests that were sent and have not ended
    counts ended_counts_;             ///< the counts of all records in `ended_`
    double factor_at_halving_ = 1;    ///< the factor right after the last halving
    std::optional<uptime> halved_at_; ///< when the rate was last halved
};

/// How many requests a project's polls need in one window, and the factor by which their intervals are
/// stretched so that the polls need at most 80 % of the allowed requests (the contract, What a poll does).
/// The rest is for credentials, error texts, retries and discovery.
struct stretch_plan {
    double planned = 0; ///< requests a window, at the configured intervals
    int allowed = 0;    ///< requests a window
    double factor = 1;  ///< 1 or more

    bool operator==(const stretch_plan&) const = default;
};

/// `requests_per_ms`: the sum of (requests of a poll / configured interval in ms) over the project's
/// instances. `before`: the factor in force. The new factor is rounded up to a multiple of 0.05, and `before`
/// is kept while it is large enough and at most 10 % too large, so that intervals do not change at every
/// poll.
stretch_plan plan_stretch(double requests_per_ms, milliseconds window, int allowed, double before);

} // namespace replmond::schedule
