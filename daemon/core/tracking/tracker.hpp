#pragma once

#include "daemon/core/model/event.hpp"
#include "daemon/core/model/instance.hpp"
#include "daemon/core/model/time.hpp"
#include "daemon/core/tracking/reading.hpp"

#include <map>
#include <set>
#include <string>
#include <vector>

/// The state of an instance's tasks and the events about them.
namespace replmond::tracking {

/// A stored time that is later than `now` becomes `now`: the wall clock was wrong and was set back. Otherwise
/// alerts would not be repeated and ages would be negative until that time has passed.
void clamp_to_now(task_state& task, instant now);
void clamp_to_now(departed_tasks& departed, instant now);

/// The same for the content of a state file. It was written by another process, whose clocks may have been
/// wrong.
void clamp_to_now(instance_past& past, instant now);

/// Turns readings into state and events by comparing the known state with each new reading. No I/O; time is
/// an argument. One for each instance. It writes the tasks, the departed tasks, the transition counters, the
/// task count and the note of the instance_state.
class tracker {
public:
    /// `repeat_interval`: how often a task that stays abnormal is logged again.
    explicit tracker(milliseconds repeat_interval) : repeat_interval_(repeat_interval) {}

    /// Takes in the reading of a poll. Alerts that are due are repeated for every task that the poll saw,
    /// also where nothing changed. Tasks that the poll did not see count as unseen since `now`.
    std::vector<event> observe(instance_state& state, reading seen, instant now);

    struct unchanged_outcome {
        std::vector<event> events;
        bool changed = false;  ///< the state of a task or of the departed tasks has changed
        bool all_well = false; ///< no task is abnormal or needs repair
    };
    /// Takes in a poll that read the same bytes as the one before, which was consistent: only time has
    /// passed.
    unchanged_outcome observe_unchanged(instance_state& state, instant now);

    /// A poll that read nothing. Tasks count as unseen since the first such poll in a row.
    static void miss(instance_state& state, timestamp even_now);

    void set_repeat_interval(milliseconds interval) { repeat_interval_ = interval; }

    /// The wall clock was set back: applies clamp_to_now() to all stored times, `state.last_success`
    /// included.
    void clock_set_back(instance_state& state, instant now);

private:
    void take_in(instance_state& state, task_reading& task, instant now, std::vector<event>& events);
    task_state arrival(instance_state& state, const task_reading& seen, timestamp now,
                       std::vector<event>& events);
    void departure(instance_state& state, const std::string& name, timestamp now, std::vector<event>& events);
    void repeat_alerts(instance_state& state, instant now, std::vector<event>& events);
    bool forget(instance_state& state, timestamp now);
    bool is_new(const unexpected_value& value);

    milliseconds repeat_interval_;
    std::map<std::string, std::set<std::string>>
        unexpected_seen_; ///< by task: the "field=value" pairs that were logged
    /// observe_unchanged() found no task that is abnormal or needs repair: until the tasks change, it does
    /// not look at them again.
    bool all_well_ = false;
};

} // namespace replmond::tracking
