#pragma once

#include "daemon/core/config/load.hpp"

#include <string>

namespace replmond::service {

/// config::load_file(), with a mistake more: a proxy of the environment that a project would have to use and
/// cannot; and a warning more: secrets that stand in a file which other users can read.
config::load_outcome load_configuration(const std::string& path, const config::lookup& places);

} // namespace replmond::service
