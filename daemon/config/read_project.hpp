#pragma once

#include "daemon/config/secret.hpp"
#include "daemon/config/settings.hpp"
#include "daemon/config/yaml_reader.hpp"

#include <vector>

namespace replmond::config {

/// Reads the list under `projects`; names are unique. What is wrong has been complained of, and keeps its
/// default: a project stands in the result as soon as it is a map, its name empty where that is wrong.
std::vector<project_settings> read_projects(const yaml_place& place, const lookup& from);

} // namespace replmond::config
