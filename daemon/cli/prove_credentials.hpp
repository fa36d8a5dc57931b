#pragma once

#include "daemon/config/secret.hpp"
#include "daemon/config/settings.hpp"

namespace replmond::cli {

/// `check-config --online`: proves the credential of each project with one cheap call, one after the other,
/// and prints a line for each on stdout: what was used, the project id and how long it lives, or exactly what
/// was refused. True when all were accepted.
bool prove_credentials(const config::settings& loaded, config::lookup places);

} // namespace replmond::cli
