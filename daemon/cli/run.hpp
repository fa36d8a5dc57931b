#pragma once

#include "daemon/cli/arguments.hpp"

namespace replmond::cli {

/// The daemon: loads, composes, serves until SIGTERM or SIGINT. Returns the process's exit code: 0, or 1 when
/// start-up fails (configuration, bind), with one line on stderr that says why.
int run(const run_arguments& arguments);

} // namespace replmond::cli
