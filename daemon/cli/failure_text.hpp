#pragma once

#include "daemon/model/failure.hpp"

#include <string>

namespace replmond::cli {

/// A failure for people, fit for a terminal: "http 404 DBS.201028: Instance not found. (request r-1)".
std::string failure_text(const failure& why);

} // namespace replmond::cli
