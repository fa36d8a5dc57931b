#pragma once

#include "daemon/core/model/task.hpp"
#include "daemon/core/model/time.hpp"

#include <optional>
#include <string>

/// The conclusions that `--follow` draws from the readings of one task (the contract, Programs). No I/O;
/// times are arguments, counted from the call that changed the task.
namespace replmond::terminal {

/// The state that the task should reach.
enum class task_goal {
    incremental, ///< after create and resume
    paused,
    gone
};

/// Whether `--follow` goes on, or how it ends.
enum class follow_verdict {
    go_on,
    reached,
    abnormal,  ///< create and resume: abnormal in three readings in a row
    gone,      ///< create and resume: gone after it was seen
    cancelled, ///< create and resume: cancelled after it was seen
    timed_out
};

/// 0: reached; 2: abnormal, gone or cancelled; 3: timed out (the contract, Programs).
int exit_code_of(follow_verdict verdict);

/// The result of one reading of the list for the task.
struct follow_reading {
    std::optional<task_reading> task; ///< nothing: the reading does not have the task
    /// The reading is complete, so a task that it does not have does not exist.
    bool proven_absent = false;
};

/// Follows one task until it has reached its goal or has failed.
class task_follow {
public:
    explicit task_follow(task_goal goal) : goal_(goal) {}

    /// Takes in a reading; not to be called for a reading that failed. Never returns timed_out: the caller
    /// decides that.
    follow_verdict take(const follow_reading& seen, milliseconds at);

    /// The task as it was last seen; nothing before it was seen, and when it is gone.
    const std::optional<task_reading>& last() const { return last_; }
    bool absent() const { return absent_; } ///< the last reading proved that the task does not exist

    /// An estimate of the time until the full copy ends, from its progress so far. Nothing if the task is not
    /// in the stage `full` or has made no progress.
    std::optional<milliseconds> left(milliseconds now) const;

private:
    follow_verdict judge_incremental(const task_reading& task);
    void measure(const task_reading& task, milliseconds at);

    struct point {
        milliseconds at{};
        double percentage = 0;
    };

    task_goal goal_;
    std::optional<task_reading> last_;
    bool absent_ = false;
    bool was_alive_ = false;      ///< it was seen in another stage than cancelled
    int abnormal_ = 0;            ///< abnormal readings in a row
    std::optional<point> first_;  ///< the first percentage of the full copy
    std::optional<point> latest_; ///< the last change of the percentage
};

/// The state in words: "full 42.5%, normal"; "not in the list".
std::string follow_state(const task_follow& of);

/// The progress line, at most `columns` wide: name, stage, bar, percentage, elapsed and estimated time.
std::string live_line(const std::string& name, const task_follow& of, milliseconds elapsed,
                      std::size_t columns);

/// The final message.
std::string verdict_words(const std::string& name, const task_follow& of, task_goal goal,
                          follow_verdict verdict, milliseconds elapsed);

/// A duration in at most two units: 1h05m, 4m05s, 12s.
std::string rough_duration(milliseconds of);

} // namespace replmond::terminal
