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

/// Why tasks are abnormal or need repair: the list API does not say, the configuration API does. Pure
/// decisions about when to ask it: at most at three polls from when the task turned bad, and again at each
/// repeat interval.
namespace replmond::tracking {

/// Names of the tasks whose error text should be asked for after this poll, in their order. Begins new rounds
/// of asking where a repeat interval has passed, and forgets what is known of tasks that are well again.
/// `even_now`: of the even clock.
std::vector<std::string> reasons_wanted(instance_state& state, milliseconds repeat_interval,
                                        timestamp even_now);

/// It was asked for: counts, whether an answer comes or not.
void reason_asked(task_state& task);

/// The answer: the text, or none where the cloud has none. Gives replication_reason when the text is new or
/// changed.
std::optional<event> reason_arrived(const instance_identity& of, task_state& task,
                                    std::optional<std::string> text, timestamp now);

/// Decides when it is worth a line that a project's error texts cannot be had while its lists can, as
/// poll_reporter does for polls: reason_failed, and reason_recovered once every instance that met it has had
/// one again. What was never sent, since a credential is held, is not told here. Pure; one for each project.
class reason_reporter {
public:
    reason_reporter(std::string project, milliseconds repeat_interval)
        : project_(std::move(project)), run_(repeat_interval) {}

    /// `task`: whose text it was. `interval`: of the polls that ask.
    std::optional<event> failed(const instance_identity& of, std::string_view task, const failure& why,
                                milliseconds interval, instant now);
    std::optional<event> succeeded(const instance_identity& of, instant now);

    /// That instance is not watched any more, or in another project: nobody waits for its success.
    void forget(const std::string& instance_id) { failing_.erase(instance_id); }

    void set_repeat_interval(milliseconds interval) { run_.set_repeat_interval(interval); }

private:
    std::string project_;
    failure_run run_;
    std::set<std::string> failing_; ///< ids of instances
};

} // namespace replmond::tracking
