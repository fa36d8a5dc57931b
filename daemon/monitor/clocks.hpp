#pragma once

#include "daemon/model/time.hpp"

namespace replmond::monitor {

/// The wall clock: what is exported and logged.
timestamp wall_clock();

/// The wall clock as of the process's start, going on evenly from there: a difference of two is a real
/// duration, also where the wall clock was set in between.
timestamp even_clock();

/// Both.
instant now();

} // namespace replmond::monitor
