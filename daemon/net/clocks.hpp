#pragma once

#include "daemon/core/model/time.hpp"

namespace replmond::net {

/// The wall clock, in milliseconds. It is used for what is exported and logged, for signing requests, and for
/// comparison with times that the cloud sends.
timestamp wall_clock();

/// The wall clock as read at the process's start, advanced by the monotonic clock. The difference of two
/// values is a real duration, even if the wall clock was set in between.
timestamp even_clock();

/// Both clocks, read together.
instant now();

} // namespace replmond::net
