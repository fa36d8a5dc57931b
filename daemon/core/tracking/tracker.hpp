#pragma once

#include "daemon/core/model/event.hpp"
#include "daemon/core/model/instance.hpp"
#include "daemon/core/model/time.hpp"
#include "daemon/core/tracking/reading.hpp"

#include <map>
#include <set>
#include <string>
#include <vector>

/// What is remembered as later than now becomes now: the wall clock was wrong, and was set back. A moment in
/// the future would keep alerts from being repeated, and ages negative, until it has come.
namespace replmond::tracking {

void clamp_to_now(task_state& task, instant now);
void clamp_to_now(departed_tasks& departed, instant now);

/// What a state file has; all of it was written by another process, whose clocks are not known.
void clamp_to_now(instance_past& past, instant now);

/// Turns readings into state and events: what changed between what was known and what is read now.
/// Pure: time is an argument. Belongs to one instance and writes the tasks, the transition counts and the
/// task count of its instance_state.
class tracker {
public:
    /// `repeat_interval`: what stays abnormal is said again this often.
    explicit tracker(milliseconds repeat_interval) : repeat_interval_(repeat_interval) {}

    /// Takes in what a poll read. What time drives (repeated alerts) happens for every task that the poll
    /// saw, also where nothing changed. Of an inconsistent reading only the tasks seen count; the others age
    /// from `now`.
    std::vector<event> observe(instance_state& state, reading seen, instant now);

    /// A poll that read the same bytes as the one before, which was consistent: only time has passed. True in
    /// `changed` where that changed a task; in `all_well` where none is abnormal or needs repair.
    struct unchanged_outcome {
        std::vector<event> events;
        bool changed = false;
        bool all_well = false;
    };
    unchanged_outcome observe_unchanged(instance_state& state, instant now);

    /// A poll that read nothing: every task ages from the first of these.
    static void miss(instance_state& state, timestamp even_now);

    void set_repeat_interval(milliseconds interval) { repeat_interval_ = interval; }

    /// The wall clock was set back: what is remembered as later than `now` is now. `state.last_success` too.
    void clock_set_back(instance_state& state, instant now);

    /// Tasks that may come back.
    const departed_tasks& departed() const { return departed_; }
    void restore(departed_tasks departed) {
        departed_ = std::move(departed);
        all_well_ = false;
    }

private:
    void take_in(instance_state& state, task_reading& task, instant now, std::vector<event>& events);
    task_state arrival(const instance_state& state, const task_reading& seen, timestamp now,
                       std::vector<event>& events);
    void departure(instance_state& state, const std::string& name, timestamp now, std::vector<event>& events);
    void repeat_alerts(instance_state& state, instant now, std::vector<event>& events);
    bool forget(const instance_state& state, timestamp now);
    bool is_new(const unexpected_value& value);

    milliseconds repeat_interval_;
    departed_tasks departed_; ///< for an hour: a task may come back
    std::map<std::string, std::set<std::string>>
        unexpected_seen_; ///< by task: field and value, already logged
    bool all_well_ =
        false; ///< as observe_unchanged() found: until the tasks change, nobody need be looked at
};

} // namespace replmond::tracking
