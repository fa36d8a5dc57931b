#pragma once

#include "daemon/cli/read_lag.hpp"
#include "daemon/core/doctor/steps.hpp"

#include <vector>

namespace replmond::cli {

/// The steps lag_login and lag_table of an instance: both of its databases, and every table. `of.lag` must be
/// set.
std::vector<doctor::step_result> lag_steps(const target_instance& of, const heartbeats_read& read);

} // namespace replmond::cli
