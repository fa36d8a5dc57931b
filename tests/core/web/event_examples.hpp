#pragma once

#include "daemon/core/model/event.hpp"

#include <vector>

namespace replmond::web {

/// One event of each kind, in the order of event_kinds: the examples of docs/events.md. Those of the core are
/// made by the functions that make them in the daemon.
std::vector<event> event_examples();

} // namespace replmond::web
