#pragma once

#include "daemon/model/event.hpp"

#include <string>

namespace replmond::cli {

/// A line about the daemon itself, as of now.
event daemon_event(const char* name, severity level, std::string message);

} // namespace replmond::cli
