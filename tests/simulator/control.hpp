#pragma once

#include "tests/simulator/cloud.hpp"
#include "tests/support/exchange.hpp"

namespace replmond::simulator {

/// Answers a request below `/_control/`; README.md lists them. Mistakes are 400 `{"error":"…"}`, an unknown
/// path 404, another method 405.
testing::script answer_control(cloud& all, const testing::request& request, const instant& at);

} // namespace replmond::simulator
