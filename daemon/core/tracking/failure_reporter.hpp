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

/// True when what was said at `last` should be said again; both times are of the even clock. Only polls ask,
/// and they come some milliseconds early or late: a tenth of the poll interval counts as on time, so that
/// "every 60 s" is not every 120 s.
inline bool repeat_is_due(timestamp last, timestamp now, milliseconds repeat_interval,
                          milliseconds poll_interval) {
    return now - last >= repeat_interval - std::min(repeat_interval, poll_interval) / 10;
}

/// Failures in a row of something that is tried again and again, and when that is worth a line: at the start,
/// when the result changes, and then at every repeat interval. Pure.
class failure_run {
public:
    struct ended {
        milliseconds after{};      ///< since the first failure
        std::int64_t failures = 0; ///< how many there were
    };

    explicit failure_run(milliseconds repeat_interval) : repeat_interval_(repeat_interval) {}

    /// True when it should be said. `tried_every`: how often this is asked. `even_now`: of the even clock.
    bool failed(poll_result why, milliseconds tried_every, timestamp even_now);

    /// The end of the run, where there was one.
    std::optional<ended> succeeded(timestamp even_now);

    void set_repeat_interval(milliseconds interval) { repeat_interval_ = interval; }

    const failing_run& so_far() const { return run_; }
    void restore(const failing_run& run) { run_ = run; }

private:
    milliseconds repeat_interval_;
    failing_run run_;
};

/// Adds result, http_status, error_code, error_msg and request_id, as far as they are known.
void describe_failure(event& e, const failure& why);

/// Decides when a run of failed polls is worth a line: poll_failed at its start, when the result changes and
/// then at every repeat interval; poll_recovered at its end. Pure; one for each instance.
class poll_reporter {
public:
    explicit poll_reporter(milliseconds repeat_interval) : run_(repeat_interval) {}

    /// `attempts`: requests that the poll's last page took. `poll_interval`: how often this is asked.
    std::optional<event> failed(const instance_identity& of, const failure& why, int attempts,
                                milliseconds poll_interval, instant now);

    std::optional<event> succeeded(const instance_identity& of, instant now);

    void set_repeat_interval(milliseconds interval) { run_.set_repeat_interval(interval); }

    const failing_run& so_far() const { return run_.so_far(); }
    void restore(const failing_run& run) { run_.restore(run); }

private:
    failure_run run_;
};

// The events about discovery, with the fields and levels that users' scripts rely on.

event instance_discovered(const instance_identity& of, timestamp now);
event instance_gone(const instance_identity& of, timestamp now);

/// `of` has the new name already.
event instance_renamed(const instance_identity& of, std::string_view old_name, timestamp now);

/// Decides when a run of failed listings of a project is worth a line, as poll_reporter does for polls:
/// discovery_failed and discovery_recovered. Pure; one for each project that discovers.
class discovery_reporter {
public:
    discovery_reporter(std::string project, milliseconds repeat_interval)
        : project_(std::move(project)), run_(repeat_interval) {}

    /// `interval`: of discovery.
    std::optional<event> failed(const failure& why, milliseconds interval, instant now);
    std::optional<event> succeeded(instant now);

    void set_repeat_interval(milliseconds interval) { run_.set_repeat_interval(interval); }

private:
    std::string project_;
    failure_run run_;
};

/// `intervals_stretched`: WARN with the arithmetic when a project's budget becomes too small for its polls,
/// INFO when much more is needed, and when it is large enough again. Fields: `planned` and `limit` (requests
/// a window), `window`, `instances`, `stretch`.
std::optional<event> stretch_event(std::string_view project, const schedule::stretch_change& change,
                                   timestamp now);

} // namespace replmond::tracking
