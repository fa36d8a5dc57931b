#pragma once

#include "daemon/cli/arguments.hpp"
#include "daemon/cli/console.hpp"
#include "daemon/core/config/secret.hpp"
#include "daemon/core/config/settings.hpp"

namespace replmond::cli {

/// `check-config --online`: proves the credential of each project with one cheap call, one after the other.
/// Prints a line for each on stdout: the credential used, the project id and the expiry, or what exactly was
/// refused. At --log.level=debug each request is logged on stderr. Returns true if all were accepted.
bool prove_credentials(const config::settings& loaded, config::lookup places, console& out);

/// Prints the checks to stdout, mistakes to stderr. Returns the exit code: 0 or 1; with `strict`
/// a warning is 1 too.
int check_config(const check_config_arguments& arguments);

} // namespace replmond::cli
