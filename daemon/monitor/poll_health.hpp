#pragma once

#include "daemon/model/event.hpp"
#include "daemon/model/failure.hpp"
#include "daemon/model/instance.hpp"
#include "daemon/monitor/failure_run.hpp"

#include <optional>

namespace replmond::monitor {

/// Decides when a run of failed polls is worth a line: poll_failed at its start, when the result changes and
/// then at every repeat interval; poll_recovered at its end. Pure; one for each instance.
class poll_health {
public:
    explicit poll_health(milliseconds repeat_interval) : run_(repeat_interval) {}

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

} // namespace replmond::monitor
