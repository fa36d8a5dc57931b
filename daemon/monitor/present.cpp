// What becomes of remembered moments where the wall clock was set back.
#include "daemon/monitor/present.hpp"

#include <algorithm>
#include <optional>

namespace replmond::monitor {
namespace {

void clamp(timestamp& time, timestamp now) {
    time = std::min(time, now);
}

void clamp(std::optional<timestamp>& time, timestamp now) {
    if (time)
        clamp(*time, now);
}

} // namespace

void end_in_the_present(task_state& task, instant now) {
    clamp(task.appeared, now.wall);
    clamp(task.stage_changed, now.wall);
    clamp(task.status_changed, now.wall);
    clamp(task.progress_changed, now.wall);
    clamp(task.abnormal_since, now.wall);
    clamp(task.last_alert, now.even);
    clamp(task.reason.round, now.even);
    clamp(task.unseen_since, now.even);
}

void end_in_the_present(departed_tasks& departed, instant now) {
    for (auto& [name, task] : departed) {
        end_in_the_present(task.state, now);
        clamp(task.at, now.wall);
    }
}

void end_in_the_present(instance_past& past, instant now) {
    for (auto& [name, task] : past.tasks)
        end_in_the_present(task, now);
    end_in_the_present(past.departed, now);
    clamp(past.last_success, now.wall);
    clamp(past.failing.first, now.even);
    clamp(past.failing.last_said, now.even);
}

} // namespace replmond::monitor
