#pragma once

#include "daemon/core/config/load.hpp"

#include <string>

namespace replmond::service {

/// config::load_file(), with one more mistake (a proxy in the environment that a project needs and that is
/// invalid) and one more warning (secrets in a file that other users can read).
config::load_outcome load_configuration(const std::string& path, const config::lookup& places);

} // namespace replmond::service
