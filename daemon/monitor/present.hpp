#pragma once

#include "daemon/model/instance_past.hpp"
#include "daemon/model/time.hpp"

/// What is remembered as later than now becomes now: the wall clock was wrong, and was set back. A moment in
/// the future would keep alerts from being repeated, and ages negative, until it has come.
namespace replmond::monitor {

void end_in_the_present(task_state& task, instant now);
void end_in_the_present(departed_tasks& departed, instant now);

/// What a state file has; all of it was written by another process, whose clocks are not known.
void end_in_the_present(instance_past& past, instant now);

} // namespace replmond::monitor
