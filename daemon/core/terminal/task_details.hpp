#pragma once

#include "daemon/core/cloud/task_details.hpp"
#include "daemon/core/model/instance.hpp"
#include "daemon/core/model/task.hpp"

#include <optional>
#include <string>

/// What `replmond task show` prints. Pure.
namespace replmond::terminal {

struct shown_task {
    instance_identity instance;
    std::optional<task_reading> listed;         ///< as the list says
    std::optional<cloud::task_details> details; ///< as the configuration API says
};

/// Lines of `key: value`, aligned, without what is not known.
std::string describe(const std::string& name, const shown_task& of);

/// The task's object of the HTTP API, with the keys of the configuration behind it.
std::string describe_as_json(const std::string& name, const shown_task& of, timestamp now);

} // namespace replmond::terminal
