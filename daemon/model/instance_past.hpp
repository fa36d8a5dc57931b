#pragma once

#include "daemon/model/failing_run.hpp"
#include "daemon/model/instance.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace replmond {

/// A task that is not in the list any more; kept for a while, since it may come back.
struct departed_task {
    task_state state;
    timestamp at{};
};
using departed_tasks = std::map<std::string, departed_task>; ///< by task_name

/// What is known of an instance from before: before the process's start, or before it was watched again.
struct instance_past {
    std::map<std::string, task_state> tasks;
    departed_tasks departed;
    failing_run failing;
    std::array<std::array<std::uint64_t, stage_count>, stage_count> transitions{};
    std::optional<timestamp> last_success;
    std::optional<std::string> note;
};

} // namespace replmond
