#pragma once

#include "daemon/config/load.hpp"

#include <string>

namespace replmond::cli {

/// config::load_file(), with a warning more: secrets that stand in a file which other users can read.
config::load_outcome load_configuration(const std::string& path, const config::lookup& places);

} // namespace replmond::cli
