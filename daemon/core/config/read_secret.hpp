#pragma once

#include "daemon/core/config/keys.hpp"
#include "daemon/core/config/secret.hpp"
#include "daemon/core/config/settings.hpp"
#include "daemon/core/config/yaml_reader.hpp"

#include <optional>
#include <string_view>

/// Secrets as a section of the configuration has them (the contract, Configuration).
namespace replmond::config {

/// The form of `key` that an entry of that name gives; nothing if the entry is another key.
std::optional<secret_source::kind> form_of(const config_key& key, std::string_view name);

/// Reads the form that is given of the secret with this row in the map's section. Several forms are a
/// mistake, and so is none where the key is required. The secret is read once, so that a missing file or
/// variable is reported with its position.
std::optional<secret_source> read_secret_key(const yaml_map& map, std::string_view name,
                                             const lookup& sources);

} // namespace replmond::config
