#pragma once

#include "daemon/model/event.hpp"
#include "daemon/model/instance.hpp"
#include "daemon/monitor/failure_run.hpp"

#include <optional>
#include <string>
#include <string_view>

/// The events about discovery, with the fields and levels that users' scripts rely on.
namespace replmond::monitor {

event instance_discovered(const instance_identity& of, timestamp now);
event instance_gone(const instance_identity& of, timestamp now);

/// `of` has the new name already.
event instance_renamed(const instance_identity& of, std::string_view old_name, timestamp now);

/// Decides when a run of failed listings of a project is worth a line, as poll_health does for polls:
/// discovery_failed and discovery_recovered. Pure; one for each project that discovers.
class discovery_health {
public:
    discovery_health(std::string project, milliseconds repeat_interval)
        : project_(std::move(project)), run_(repeat_interval) {}

    /// `interval`: of discovery.
    std::optional<event> failed(const failure& why, milliseconds interval, instant now);
    std::optional<event> succeeded(instant now);

    void set_repeat_interval(milliseconds interval) { run_.set_repeat_interval(interval); }

private:
    std::string project_;
    failure_run run_;
};

} // namespace replmond::monitor
