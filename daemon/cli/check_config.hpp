#pragma once

#include "daemon/cli/arguments.hpp"
#include "daemon/cli/console.hpp"
#include "daemon/core/config/load.hpp"
#include "daemon/core/config/secret.hpp"
#include "daemon/core/config/settings.hpp"

#include <string>

namespace replmond::cli {

/// `check-config --online`: proves the credential of each project with one cheap call, one after the other,
/// and prints a line for each on stdout: what was used, the project id and how long it lives, or exactly what
/// was refused. Each
/// request has a line on stderr at --log.level=debug. True when all were accepted.
bool prove_credentials(const config::settings& loaded, config::lookup places, console& out);

/// What `replmond check-config` prints of a configuration: `FILE: OK` and a summary with its warnings, or
/// every mistake, one a line.
std::string describe(const config::load_outcome& outcome);

/// Prints that to stdout, or to stderr where there are mistakes. Returns the exit code: 0 or 1.
int check_config(const check_config_arguments& arguments);

} // namespace replmond::cli
