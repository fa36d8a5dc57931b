#pragma once

#include "daemon/core/model/event.hpp"
#include "daemon/core/model/failure.hpp"
#include "daemon/core/model/instance.hpp"
#include "daemon/core/model/time.hpp"
#include "daemon/core/schedule/scheduler.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace replmond::tracking {

/// True if an alert that was last logged at `last` should be logged again. Both times are of the even clock.
/// This is only checked once a poll, and polls begin some milliseconds early or late. So up to a tenth of the
/// poll interval too early counts as on time; otherwise "every 60 s" could become every 120 s.
inline bool repeat_is_due(timestamp last, timestamp now, milliseconds repeat_interval,
                          milliseconds poll_interval) {
    return now - last >= repeat_interval - std::min(repeat_interval, poll_interval) / 10;
}

/// A run of failures of something that is tried again and again. Decides when a failure is logged: the first
/// one, when the result changes, and then at every repeat interval. No I/O.
class failure_run {
public:
    struct ended {
        milliseconds after{};      ///< since the first failure
        std::int64_t failures = 0; ///< the number of failures in the run
    };

    explicit failure_run(milliseconds repeat_interval) : repeat_interval_(repeat_interval) {}

    /// Counts a failure; true if it should be logged. `tried_every`: the interval between two attempts, see
    /// repeat_is_due(). `even_now`: of the even clock.
    bool failed(poll_result why, milliseconds tried_every, timestamp even_now);

    /// Ends the run. Nothing if there was none.
    std::optional<ended> succeeded(timestamp even_now);

    void set_repeat_interval(milliseconds interval) { repeat_interval_ = interval; }

    /// The run so far, to be stored; restore() sets it after a restart.
    const failing_run& so_far() const { return run_; }
    void restore(const failing_run& run) { run_ = run; }

private:
    milliseconds repeat_interval_;
    failing_run run_;
};

/// Adds result, http_status, error_code, error_msg and request_id to the event, as far as they are known.
void describe_failure(event& e, const failure& why);

/// Decides when a run of failed polls is logged: `poll_failed` for the first one, when the result changes and
/// then at every repeat interval; `poll_recovered` at its end (the contract, Log events). One for each
/// instance. No I/O.
class poll_reporter {
public:
    explicit poll_reporter(milliseconds repeat_interval) : run_(repeat_interval) {}

    /// `attempts`: the number of requests that were sent for the poll's last page.
    std::optional<event> failed(const instance_identity& of, const failure& why, int attempts,
                                milliseconds poll_interval, instant now);

    /// The poll succeeded. Returns `poll_recovered` if polls had failed before.
    std::optional<event> succeeded(const instance_identity& of, instant now);

    void set_repeat_interval(milliseconds interval) { run_.set_repeat_interval(interval); }

    const failing_run& so_far() const { return run_.so_far(); }
    void restore(const failing_run& run) { run_.restore(run); }

private:
    failure_run run_;
};

// The events about discovery, with the fields and levels of the contract (Log events).

event instance_discovered(const instance_identity& of, timestamp now);
event instance_gone(const instance_identity& of, timestamp now);

/// `of` already has the new name.
event instance_renamed(const instance_identity& of, std::string_view old_name, timestamp now);

/// Decides when a run of failed listings of a project is logged, as poll_reporter does for polls:
/// `discovery_failed` and `discovery_recovered`. One for each project that has discovery. No I/O.
class discovery_reporter {
public:
    discovery_reporter(std::string project, milliseconds repeat_interval)
        : project_(std::move(project)), run_(repeat_interval) {}

    /// `interval`: the interval of discovery.
    std::optional<event> failed(const failure& why, milliseconds interval, instant now);
    std::optional<event> succeeded(instant now);

    void set_repeat_interval(milliseconds interval) { run_.set_repeat_interval(interval); }

private:
    std::string project_;
    failure_run run_;
};

/// The event `intervals_stretched`: WARN with the arithmetic when a project's budget becomes too small for
/// its polls; INFO when the intervals are stretched much more than was logged, and when the budget is large
/// enough again; nothing for other changes. Fields: `planned` and `limit` (requests a window), `window`
/// (seconds), `instances`, `stretch`.
std::optional<event> stretch_event(std::string_view project, const schedule::stretch_change& change,
                                   timestamp now);

} // namespace replmond::tracking
