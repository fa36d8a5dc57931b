#pragma once

#include "daemon/core/schedule/interval.hpp"

#include <cstddef>
#include <deque>
#include <optional>

namespace replmond::schedule {

/// What a request is for, in the order in which budget is given.
enum class purpose { credential, poll, reason, discovery };
inline constexpr std::size_t purpose_count = 4;

/// At most `requests` in any window of that length.
struct budget_limits {
    int requests = 200;
    milliseconds window{};

    bool operator==(const budget_limits&) const = default;
};

/// The requests of one project in a sliding window, and when the next one may go out. A request counts from
/// when it is sent until a window after it ended: the cloud saw it at some moment in between, so the limit
/// holds over every window by the cloud's clock as well.
class request_budget {
public:
    explicit request_budget(budget_limits limits) : limits_(limits) {}

    /// What was sent before still counts.
    void change(budget_limits limits, uptime now);
    const budget_limits& limits() const { return limits_; }

    /// Requests that count at `now`.
    int used(uptime now) const;

    /// How many may count: the limit, less after a 429 (it halves the rate, which recovers by a tenth of the
    /// limit a minute); at least 1.
    int allowed(uptime now) const;

    /// When a request of that purpose may go out, `now` for at once. Nothing: only after one that is under
    /// way has ended. Discovery may use a fifth (at least one request).
    std::optional<uptime> earliest(purpose what, uptime now) const;

    void begin(purpose what, bool is_retry, uptime now);
    /// One that begin() told of has ended; `unsent`: it never went out, and does not count.
    void end(purpose what, bool is_retry, uptime now, bool unsent = false);

    /// A 429 to a request sent at `sent`. One that was sent before the last halving says nothing new.
    void throttled(uptime sent, uptime now);

    /// True while retries are less than a tenth of the requests in the window.
    bool may_retry(uptime now) const;

private:
    struct record {
        uptime until; ///< when it stops counting
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
    std::deque<record> ended_; ///< by `until`
    counts under_way_;
    counts ended_counts_; ///< of `ended_`
    double factor_at_halving_ = 1;
    std::optional<uptime> halved_;
};

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
