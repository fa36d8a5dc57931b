#pragma once

#include "daemon/core/config/load.hpp"

#include <string>
#include <vector>

namespace replmond::cli {

/// The output of `replmond check-config`: `FILE: OK`, what the configuration comes to and warnings, or every
/// mistake, one a line. Safe to print on a terminal.
std::string describe(const config::load_outcome& outcome);

/// What is legal and probably a mistake: what loading found, and what is surely wrong (core/cloud). Empty
/// where nothing could be loaded.
std::vector<std::string> warnings_of(const config::load_outcome& outcome);

/// "1 project", "2 projects"
std::string plural(std::size_t count, std::string_view noun);

} // namespace replmond::cli
