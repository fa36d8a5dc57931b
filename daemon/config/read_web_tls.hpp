#pragma once

#include "daemon/config/secret.hpp"
#include "daemon/config/web_settings.hpp"
#include "daemon/config/yaml_reader.hpp"

#include <optional>
#include <string>
#include <vector>

namespace replmond::config {

/// `tls_server_config`. None where it is wrong, and where it has no keys. Files that are read are appended to
/// `files`.
std::optional<web_tls_settings> read_web_tls(const yaml_place& place, const lookup& from,
                                             std::vector<std::string>& files);

} // namespace replmond::config
