#pragma once

#include "daemon/model/event.hpp"
#include "daemon/model/instance.hpp"

#include <optional>
#include <string>
#include <vector>

/// Why tasks are abnormal or need repair: the list API does not say, the configuration API does. Pure
/// decisions about when to ask it: at most at three polls from when the task turned bad, and again at each
/// repeat interval.
namespace replmond::monitor {

/// Names of the tasks whose error text should be asked for after this poll, in their order. Begins new rounds
/// of asking where a repeat interval has passed, and forgets what is known of tasks that are well again.
std::vector<std::string> reasons_wanted(instance_state& state, milliseconds repeat_interval, timestamp now);

/// It was asked for: counts, whether an answer comes or not.
void reason_asked(task_state& task);

/// The answer: the text, or none where the cloud has none. Gives replication_reason when the text is new or
/// changed.
std::optional<event> reason_arrived(const instance_identity& of, task_state& task,
                                    std::optional<std::string> text, timestamp now);

} // namespace replmond::monitor
