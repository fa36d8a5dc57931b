#pragma once

#include "tests/simulator/call.hpp"
#include "tests/simulator/cloud.hpp"

namespace replmond::simulator {

/// Answers one request to the cloud's API. X-Request-Id is the caller's affair, since faults need it as well.
///
/// Checks go from the outside in, as behind a gateway: route (404), credentials (401), rate (429), project
/// (403), instance (404), parameters and body (400), state (400, 409).
testing::script answer_api(cloud& all, call& now);

} // namespace replmond::simulator
