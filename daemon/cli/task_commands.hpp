#pragma once

#include "daemon/cli/arguments.hpp"

/// `replmond task …`. Each function returns the exit code.
namespace replmond::cli {

/// Polls every instance (or one) once and prints the tasks. 0: success; 1: an instance could not be read,
/// with a line on stderr; 2: a task is abnormal.
int list_tasks(const task_list_arguments& arguments);

/// Prints everything that is known of one task. 0: success; 1: there is no such task, or something could not
/// be read.
int show_task(const task_show_arguments& arguments);

/// create, pause, resume and delete. 0: accepted and, with --follow, where it should be; 1: refused, not
/// sent, or (without --follow) not answered; 2: abnormal, cancelled or gone; 3: time over; 130 or 143: ended
/// by a signal.
int change_task(const task_change_arguments& arguments);

} // namespace replmond::cli
