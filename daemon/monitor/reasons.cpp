#include "daemon/monitor/reasons.hpp"

#include "daemon/monitor/repeat.hpp"
#include "daemon/monitor/task_events.hpp"

#include <utility>

namespace replmond::monitor {
namespace {

constexpr int polls_to_ask_at = 3;

} // namespace

std::vector<std::string> reasons_wanted(instance_state& state, milliseconds repeat_interval, timestamp now) {
    std::vector<std::string> wanted;
    for (auto& [name, task] : state.tasks) {
        if (!task.abnormal_since && !task.repair_needed) {
            task.reason = {};
            continue;
        }
        if (task.unseen_since)
            continue;
        const bool first = !task.reason.round;
        if (first || repeat_is_due(*task.reason.round, now, repeat_interval, state.interval)) {
            task.reason.round = now;
            task.reason.asked = 0;
            task.reason.answered = false;
        }
        if (!task.reason.answered && task.reason.asked < polls_to_ask_at)
            wanted.push_back(name);
    }
    return wanted;
}

void reason_asked(task_state& task) {
    ++task.reason.asked;
}

std::optional<event> reason_arrived(const instance_identity& of, task_state& task,
                                    std::optional<std::string> text, timestamp now) {
    task.reason.answered = true;
    if (!text || text == task.reason.text)
        return std::nullopt;
    task.reason.text = std::move(text);
    return replication_reason(of, task, now);
}

} // namespace replmond::monitor
