#pragma once

#include "daemon/cli/arguments.hpp"

namespace replmond::cli {

/// The daemon: loads, composes, serves until SIGTERM or SIGINT. Returns the process's exit code: 0, or 1 with
/// one line on stderr that says why: start-up failed (configuration, bind), or not all could be stored and
/// printed at the end. Signals that come before it serves are heard when it does; SIGHUP never ends it.
int run(const run_arguments& arguments);

} // namespace replmond::cli
