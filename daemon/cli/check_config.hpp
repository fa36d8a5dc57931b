#pragma once

#include "daemon/cli/arguments.hpp"
#include "daemon/config/load.hpp"

#include <string>

namespace replmond::cli {

/// What `replmond check-config` prints of a configuration: `FILE: OK` and a summary with its warnings, or
/// every mistake, one a line.
std::string describe(const config::load_outcome& outcome);

/// Prints that to stdout, or to stderr where there are mistakes. Returns the exit code: 0 or 1.
int check_config(const check_config_arguments& arguments);

} // namespace replmond::cli
