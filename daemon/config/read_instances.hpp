#pragma once

#include "daemon/config/settings.hpp"
#include "daemon/config/yaml_reader.hpp"

#include <vector>

namespace replmond::config {

/// Reads the list under `instances`; `defaults` fill in what an instance leaves out. Names are unique, and so
/// is (project, id). What is wrong has been complained of.
std::vector<instance_settings> read_instances(const yaml_place& place, const poll_settings& defaults,
                                              const std::vector<project_settings>& projects);

} // namespace replmond::config
