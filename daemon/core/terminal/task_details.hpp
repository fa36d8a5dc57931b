#pragma once

#include "daemon/core/cloud/task_details.hpp"
#include "daemon/core/model/instance.hpp"
#include "daemon/core/model/lag.hpp"
#include "daemon/core/model/task.hpp"

#include <optional>
#include <string>

/// The output of `replmond task show`. No I/O.
namespace replmond::terminal {

/// What is known of the task that is shown.
struct shown_task {
    instance_identity instance;
    std::optional<task_reading> listed;         ///< the task's record of the list API
    std::optional<cloud::task_details> details; ///< the answer of the configuration API
    std::optional<task_lag> lag;                ///< nothing: it is not measured
};

/// Aligned lines of `key: value`; values that are not known are left out. `name`: of the task.
std::string describe(const std::string& name, const shown_task& of);

/// The task's object of the HTTP API (docs/api.md), with a further key `configuration` if details are known.
std::string describe_as_json(const std::string& name, const shown_task& of, timestamp now);

} // namespace replmond::terminal
