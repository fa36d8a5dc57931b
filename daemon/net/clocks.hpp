#pragma once

#include "daemon/core/model/time.hpp"

namespace replmond::net {

/// The wall clock: what is exported and logged, what requests are signed with, and what the cloud's times are
/// compared with.
timestamp wall_clock();

/// The wall clock as of the process's start, going on evenly from there: a difference of two is a real
/// duration, also where the wall clock was set in between.
timestamp even_clock();

/// Both.
instant now();

} // namespace replmond::net
