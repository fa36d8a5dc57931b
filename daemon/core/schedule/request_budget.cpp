// The sliding log of a project's requests: how much of its limit is left, when the next request may be sent,
// and by how much intervals are stretched so that polls fit the limit.

#include "daemon/core/schedule/request_budget.hpp"

#include <algorithm>
#include <cmath>

namespace replmond::schedule {

namespace {

// The contract, What a poll does: after a 429 the rate recovers by a tenth a minute, discovery may use a
// fifth of the limit, and retries may be a tenth of the requests.
constexpr double recovery_per_ms = 0.1 / 60'000;
constexpr double least_factor = 1.0 / 16;
constexpr int discovery_part = 5;
constexpr int retry_part = 10;
// `now` is rounded down to a millisecond: a request that ended at 7.9 ms is reported with 7 ms.
constexpr milliseconds rounding{1};

} // namespace

void request_budget::change(budget_limits limits, uptime now) {
    // `until` is the end of the request plus the window, so it moves by the difference of the windows.
    for (record& r : ended_)
        r.until += limits.window - limits_.window;
    limits_ = limits;
    forget_old(now);
}

void request_budget::forget_old(uptime now) {
    while (!ended_.empty() && ended_.front().until <= now) {
        const record& gone = ended_.front();
        --ended_counts_.all;
        ended_counts_.discovery -= gone.what == purpose::discovery ? 1 : 0;
        ended_counts_.retries -= gone.is_retry ? 1 : 0;
        ended_.pop_front();
    }
}

// The sums are kept up to date, so that counting costs only the records that have expired since the last call
// of forget_old().
request_budget::counts request_budget::counted(uptime now) const {
    counts sum = ended_counts_;
    for (const record& r : ended_) {
        if (r.until > now)
            break;
        --sum.all;
        sum.discovery -= r.what == purpose::discovery ? 1 : 0;
        sum.retries -= r.is_retry ? 1 : 0;
    }
    sum.all += under_way_.all;
    sum.discovery += under_way_.discovery;
    sum.retries += under_way_.retries;
    return sum;
}

int request_budget::used(uptime now) const {
    return counted(now).all;
}

double request_budget::factor(uptime now) const {
    if (!halved_at_)
        return 1;
    const auto since = static_cast<double>((now - *halved_at_).count());
    return std::min(1.0, factor_at_halving_ + since * recovery_per_ms);
}

int request_budget::allowed(uptime now) const {
    // Without the small addition 0.7 * 200 would give 139.99999999999997, and so 139 instead of 140.
    return std::max(1, static_cast<int>(std::floor(limits_.requests * factor(now) + 1e-6)));
}

// When the n-th of the ended requests that still count expires (n = 1: the first one). Nothing if there are
// fewer.
std::optional<uptime> request_budget::nth_to_expire(int n, bool discovery_only, uptime now) const {
    for (const record& r : ended_) {
        if (r.until <= now || (discovery_only && r.what != purpose::discovery))
            continue;
        if (--n == 0)
            return r.until;
    }
    return std::nullopt;
}

std::optional<uptime> request_budget::earliest(purpose what, uptime now) const {
    const counts sum = counted(now);
    const int most = allowed(now);
    uptime at = now;
    // With `sum.all` requests counting, sum.all - most + 1 of them must expire before one more fits.
    if (sum.all >= most) {
        const auto room = nth_to_expire(sum.all - most + 1, false, now);
        if (!room)
            return std::nullopt;
        at = *room;
        // While the rate recovers, the limit may grow by one request before a request expires: at most after
        // the time in which the factor grows by 1 / limit.
        if (factor(now) < 1)
            at = std::min(at, now + milliseconds(static_cast<std::int64_t>(
                                        std::ceil(1 / (recovery_per_ms * limits_.requests)))));
    }
    if (what != purpose::discovery)
        return at;
    const int most_discovery = std::max(1, most / discovery_part);
    if (sum.discovery < most_discovery)
        return at;
    const auto room = nth_to_expire(sum.discovery - most_discovery + 1, true, now);
    if (!room)
        return std::nullopt;
    return std::max(at, *room);
}

void request_budget::begin(purpose what, bool is_retry, uptime now) {
    forget_old(now);
    ++under_way_.all;
    under_way_.discovery += what == purpose::discovery ? 1 : 0;
    under_way_.retries += is_retry ? 1 : 0;
}

void request_budget::end(purpose what, bool is_retry, uptime now, bool unsent) {
    --under_way_.all;
    under_way_.discovery -= what == purpose::discovery ? 1 : 0;
    under_way_.retries -= is_retry ? 1 : 0;
    if (unsent)
        return;
    forget_old(now);
    // `now` never decreases, so the log stays ordered by `until`.
    ended_.push_back({now + rounding + limits_.window, what, is_retry});
    ++ended_counts_.all;
    ended_counts_.discovery += what == purpose::discovery ? 1 : 0;
    ended_counts_.retries += is_retry ? 1 : 0;
}

void request_budget::throttled(uptime sent, uptime now) {
    if (halved_at_ && sent <= *halved_at_)
        return;
    factor_at_halving_ = std::max(least_factor, factor(now) / 2);
    halved_at_ = now;
}

bool request_budget::may_retry(uptime now) const {
    const counts sum = counted(now);
    return (sum.retries + 1) * retry_part <= sum.all;
}

namespace {

constexpr double usable_part = 0.8; // of the allowed requests, for polls (the contract, What a poll does)
// Steps of 0.05. Dividing by 20 gives the double nearest to a value such as 3.15; multiplying by 0.05 would
// not.
constexpr double steps_in_one = 20;
constexpr double slack = 1.1; // a factor in force is kept while it is at most 10 % too large
constexpr double tolerance = 1e-9;

} // namespace

stretch_plan plan_stretch(double requests_per_ms, milliseconds window, int allowed, double before) {
    stretch_plan plan;
    plan.planned = requests_per_ms * static_cast<double>(window.count());
    plan.allowed = allowed;
    const double needed = std::max(1.0, plan.planned / (usable_part * allowed));
    const bool keep = needed <= before && before <= needed * slack;
    plan.factor = keep ? before : std::ceil(needed * steps_in_one - tolerance) / steps_in_one;
    if (needed <= 1)
        plan.factor = 1;
    return plan;
}

} // namespace replmond::schedule
