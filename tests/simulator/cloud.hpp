#pragma once

#include "tests/simulator/faults.hpp"
#include "tests/simulator/request_log.hpp"
#include "tests/simulator/scenario.hpp"
#include "tests/simulator/timeline.hpp"
#include "tests/simulator/world.hpp"
#include "tests/support/exchange.hpp"

#include <cstdint>

namespace replmond::simulator {

/// Everything that the simulator remembers. Plain state: who changes it is said in handle() and control.hpp.
struct cloud {
    explicit cloud(scenario description) : tasks(std::move(description)) {}

    world tasks;
    fault_list faults;
    request_log requests;
    virtual_time advanced{0};  // what control has added to the clock
    std::uint64_t answers = 0; // so far; makes request ids
};

/// Answers any request, `elapsed` (virtual) after the simulator began: `/_control/…` for loopback clients
/// only, the API with the faults in force everywhere else. Every answer has X-Request-Id.
testing::script handle(cloud& all, const testing::request& request, virtual_time elapsed);

} // namespace replmond::simulator
