#pragma once

#include "tests/simulator/access_control.hpp"
#include "tests/simulator/clock.hpp"
#include "tests/simulator/error_form.hpp"
#include "tests/simulator/faults.hpp"
#include "tests/simulator/job_list.hpp"
#include "tests/simulator/load_meter.hpp"
#include "tests/simulator/mysql_service.hpp"
#include "tests/simulator/request_log.hpp"
#include "tests/simulator/scenario.hpp"
#include "tests/simulator/timeline.hpp"
#include "tests/simulator/world.hpp"
#include "tests/support/exchange.hpp"

#include <cstdint>
#include <map>
#include <string>

namespace replmond::simulator {

/// Everything that the simulator remembers. Plain state: who changes it is said in handle() and control.hpp.
struct cloud {
    explicit cloud(scenario description)
        : access(description.access), jobs(description.jobs), mysql(description.mysql),
          tasks(std::move(description)) {}

    access_control access;
    job_list jobs;
    mysql_service mysql;
    world tasks;
    error_forms errors; // of all but IAM and metadata; for a status without one, as errors.hpp writes them
    fault_list faults;
    request_log requests;
    load_meter load;
    virtual_time advanced{0};                           // what control has added to virtual time
    std::chrono::seconds clock_offset{0};               // and to the clock that signatures are checked by
    std::uint64_t answers = 0;                          // so far; makes request ids
    std::map<std::string, std::uint64_t> list_requests; // so far, of each instance
    std::uint64_t inventory_requests = 0;               // so far, for pages of TaurusDB instances
};

/// Answers any request, `elapsed` (virtual) after the simulator began and at `real` on our clock:
/// `/_control/…` for loopback clients only, the API with the faults in force everywhere else. Every answer
/// has Date, and X-Request-Id, which IAM calls X-IAM-Trace-Id; its errors have both.
testing::script handle(cloud& all, const testing::request& request, virtual_time elapsed, wall_time real);

} // namespace replmond::simulator
