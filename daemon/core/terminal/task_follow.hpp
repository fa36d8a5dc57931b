#pragma once

#include "daemon/core/model/task.hpp"
#include "daemon/core/model/time.hpp"

#include <optional>
#include <string>

/// What `--follow` makes of the readings of one task. Pure: times are arguments, counted from the call.
namespace replmond::terminal {

/// Where a task should get to.
enum class task_goal {
    incremental, ///< after create and resume
    paused,
    gone
};

enum class follow_verdict {
    go_on,
    reached,
    abnormal,  ///< three readings in a row (create and resume)
    gone,      ///< after it was seen (create and resume)
    cancelled, ///< likewise
    timed_out
};

/// 0 reached, 2 abnormal, gone or cancelled, 3 timed out.
int exit_code_of(follow_verdict verdict);

/// What one reading of the list says of the task.
struct follow_reading {
    std::optional<task_reading> task;
    bool proven_absent = false; ///< a reading that proves it: where it does not, absence means nothing
};

class task_follow {
public:
    explicit task_follow(task_goal goal) : goal_(goal) {}

    /// A reading that could be read; one that failed is not told.
    follow_verdict take(const follow_reading& seen, milliseconds at);

    /// The task as it was last seen; empty before the first time, and once it is gone.
    const std::optional<task_reading>& last() const { return last_; }
    bool absent() const { return absent_; }

    /// How long it may take until it is incremental, at the pace of this stage so far; only of a task that
    /// makes progress in the full copy.
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
    bool was_alive_ = false;     ///< seen in a stage that is not cancelled
    int abnormal_ = 0;           ///< readings in a row
    std::optional<point> first_; ///< of the full copy
    std::optional<point> latest_;
};

/// "full 42.5%, normal"; "not in the list".
std::string follow_state(const task_follow& of);

/// The live line without its task's name, at most `columns` wide: stage, bar, percentage, elapsed and
/// estimated time.
std::string live_line(const std::string& name, const task_follow& of, milliseconds elapsed,
                      std::size_t columns);

/// What is said at the end.
std::string verdict_words(const std::string& name, const task_follow& of, task_goal goal,
                          follow_verdict verdict, milliseconds elapsed);

/// 1h05m, 4m05s, 12s.
std::string rough_duration(milliseconds of);

} // namespace replmond::terminal
