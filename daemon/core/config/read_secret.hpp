#pragma once

#include "daemon/core/config/secret.hpp"
#include "daemon/core/config/settings.hpp"
#include "daemon/core/config/yaml_reader.hpp"

#include <optional>
#include <string_view>

/// Secrets as a section of the configuration has them (the contract, Configuration).
namespace replmond::config {

/// A secret with the three keys by which it can be given: `x`, `x_file`, `x_env`.
struct secret_key {
    std::string_view name;
    std::string_view file;
    std::string_view environment;
    bool goes_into_header = false; ///< it is sent in a header, so it must be visible ASCII
    bool is_optional = false;
};

/// The form of `key` that an entry of that name gives; nothing if the entry is another key.
std::optional<secret_source::kind> form_of(const secret_key& key, std::string_view name);

/// Reads the form that is given. Several forms are a mistake, and so is none unless the key is optional. The
/// secret is read once, so that a missing file or variable is reported with its position.
std::optional<secret_source> read_secret_key(const yaml_map& map, const secret_key& key,
                                             const lookup& sources);

} // namespace replmond::config
