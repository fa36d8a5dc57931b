#pragma once

#include "daemon/cloud/connect_project.hpp"
#include "daemon/core/config/settings.hpp"
#include "daemon/core/doctor/steps.hpp"
#include "daemon/core/model/time.hpp"
#include "daemon/net/client/probe.hpp"

#include <optional>
#include <vector>

namespace replmond::cli {

/// The steps names, connection and tls, as one connection showed them.
std::vector<doctor::step_result> connection_steps(const cloud::service_route& route,
                                                  const client::probe_outcome& seen, timestamp now);

/// The step clock. `ahead`: of this host's clock; nothing: no answer told.
doctor::step_result clock_step(std::optional<milliseconds> ahead, const config::auth_settings& auth);

} // namespace replmond::cli
