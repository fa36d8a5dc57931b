#pragma once

#include "daemon/core/model/event.hpp"
#include "daemon/core/model/instance.hpp"
#include "daemon/core/tracking/failure_reporter.hpp"

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// The error texts of tasks that are abnormal or need repair. The list API does not have them, the
/// configuration API does (API.md, section 3). It is asked at most at three polls after a task turned
/// abnormal or needs repair, and again at each repeat interval (the contract, What a poll does). No I/O.
namespace replmond::tracking {

/// The names of the tasks whose error text should be asked for after this poll, in the order of names. A
/// round of up to three attempts begins when the task turns bad and whenever a repeat interval has passed.
/// The text of a task that is normal again is forgotten. `even_now`: of the even clock.
std::vector<std::string> reasons_wanted(instance_state& state, milliseconds repeat_interval,
                                        timestamp even_now);

/// To be called when the error text is asked for. The attempt counts, whether an answer arrives or not.
void reason_asked(task_state& task);

/// Takes in the answer: the text, or nothing if the cloud has none. Returns the event `replication_reason` if
/// the text is new or has changed.
std::optional<event> reason_arrived(const instance_identity& of, task_state& task,
                                    std::optional<std::string> text, timestamp now);

/// Decides when it is logged that a project's error texts cannot be read although its lists can, as
/// poll_reporter does for polls: `reason_failed`, and `reason_recovered` once every instance that failed has
/// succeeded again. Requests that were not sent because the credential is held are not reported here: their
/// polls are. One for each project. No I/O.
class reason_reporter {
public:
    reason_reporter(std::string project, milliseconds repeat_interval)
        : project_(std::move(project)), run_(repeat_interval) {}

    /// `task`: the task whose text was asked for. `interval`: the instance's poll interval.
    std::optional<event> failed(const instance_identity& of, std::string_view task, const failure& why,
                                milliseconds interval, instant now);
    std::optional<event> succeeded(const instance_identity& of, instant now);

    /// The instance is not watched any more, or belongs to another project: its success is not waited for.
    void forget(const std::string& instance_id) { failing_.erase(instance_id); }

    void set_repeat_interval(milliseconds interval) { run_.set_repeat_interval(interval); }

private:
    std::string project_;
    failure_run run_;
    std::set<std::string> failing_; ///< ids of the instances whose last request for a text failed
};

} // namespace replmond::tracking
