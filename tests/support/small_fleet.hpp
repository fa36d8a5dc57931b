#pragma once

#include "daemon/core/model/event.hpp"
#include "daemon/core/web/fleet_view.hpp"

#include <cstddef>
#include <deque>
#include <string>
#include <vector>

namespace replmond::test {

/// 2027-01-15T12:00:00.000Z: what the fleets below take for now.
inline constexpr timestamp noon{milliseconds(1'800'014'400'000)};

/// Instances that stay where they are, seen at noon.
struct small_fleet {
    std::deque<instance_state> instances;
    std::deque<event> events; ///< newest first

    instance_state& add(const std::string& name, const std::string& project = "prod");
    web::fleet_view view() const;
    std::vector<const event*> latest() const;
};

task_state& add_task(instance_state& to, const std::string& name, stage is, std::optional<status> how,
                     std::optional<double> percentage = {});

/// One of each: healthy, abnormal with a reason, stale of a failing instance, paused, cancelled, temporary,
/// unknown; an instance not polled yet, and one without tasks.
small_fleet one_of_each();

/// `count` instances with `tasks` each; every tenth task is abnormal.
small_fleet many(std::size_t count, std::size_t tasks);

/// Every name and text of it is `text`.
small_fleet named(const std::string& text);

} // namespace replmond::test
