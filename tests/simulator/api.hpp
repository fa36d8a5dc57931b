#pragma once

#include "tests/simulator/timeline.hpp"
#include "tests/simulator/world.hpp"
#include "tests/support/exchange.hpp"

#include <string>
#include <string_view>

namespace replmond::simulator {

/// Answers one request to the cloud's API. `request_id` is put into the gateway's error bodies and makes the
/// ids of jobs; the header X-Request-Id is the caller's affair, since faults need it as well.
///
/// Checks go from the outside in, as behind a gateway: route (404), token (401), project (403), instance
/// (404), parameters and body (400), state (400).
testing::script answer_api(world& cloud, const testing::request& request, virtual_time now,
                           std::string_view request_id);

/// The instance id in the path of a request to the API; empty where there is none.
std::string instance_in(std::string_view path);

} // namespace replmond::simulator
