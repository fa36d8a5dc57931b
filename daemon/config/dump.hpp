#pragma once

#include "daemon/config/settings.hpp"

#include <string>

namespace replmond::config {

/// The configuration in force as YAML, with every default written out. Secrets, and the credentials in a
/// proxy's URL, are shown as <secret>; the names of files and variables that hold secrets are no secrets.
std::string dump(const settings& in_force);

} // namespace replmond::config
