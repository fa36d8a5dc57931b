#pragma once

#include "daemon/cli/console.hpp"
#include "daemon/config/secret.hpp"
#include "daemon/config/settings.hpp"

namespace replmond::cli {

/// `check-config --online`: proves the credential of each project with one cheap call, one after the other,
/// and prints a line for each on stdout: what was used, the project id and how long it lives, or exactly what
/// was refused. Each
/// request has a line on stderr at --log.level=debug. True when all were accepted.
bool prove_credentials(const config::settings& loaded, config::lookup places, console& out);

} // namespace replmond::cli
