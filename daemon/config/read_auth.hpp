#pragma once

#include "daemon/config/secret.hpp"
#include "daemon/config/settings.hpp"
#include "daemon/config/yaml_reader.hpp"

#include <optional>

namespace replmond::config {

/// Reads a project's `auth`. Every secret is fetched once, so that a missing file or variable is a mistake
/// with a position; only where it comes from is kept. Empty where anything is wrong, which has been
/// complained of.
std::optional<auth_settings> read_auth(const yaml_place& place, const lookup& from);

} // namespace replmond::config
