#pragma once

#include "daemon/core/config/secret.hpp"
#include "daemon/core/config/settings.hpp"
#include "daemon/core/config/yaml_reader.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The readers of `projects` and `instances` (the contract, Configuration). Each reports every mistake with
/// its position to the findings of the yaml_place.
namespace replmond::config {

// Texts with rules that several sections share. Nothing if a rule is broken.

/// A name of a project or an instance: 1 to 128 bytes without control characters.
std::optional<std::string> read_name(const yaml_place& place);

/// A word of letters, digits, - and _, of at most value_limits::word characters.
std::optional<std::string> read_word(const yaml_place& place);

/// Custom labels; those that break a rule are left out.
label_map read_labels(const yaml_place& place);

/// Reads a project's `auth`. Every secret is read once, so that a missing file or variable is reported with
/// its position; the secret is then dropped, and only its source is kept. Nothing if there is any
/// mistake. `insecure_http`: of the project, for the address of a pod identity.
std::optional<auth_settings> read_auth(const yaml_place& place, const lookup& from, bool insecure_http);

/// The path of a PEM file, as written. The file is read once, so that a wrong file is reported now and not at
/// the first request.
std::optional<std::string> read_ca_file(const yaml_place& place, const lookup& from);

/// Reads the section `lag` of an instance, or of `discover`, where the host may be left out. Nothing if it is
/// not a map; a value that is wrong keeps its default.
std::optional<lag_settings> read_lag(const yaml_place& place, const lookup& from, bool is_discovered);

/// Reads the list under `instances`. `defaults` are the values of keys that an instance does not have. A
/// duplicate name and a duplicate (project, id) are mistakes.
std::vector<instance_settings> read_instances(const yaml_place& place, const poll_settings& defaults,
                                              const std::vector<project_settings>& projects,
                                              const lookup& from);

/// Reads the list under `projects`. A duplicate name is a mistake. A value that is wrong keeps its default:
/// the result has an element for each item, and its name is empty if it is wrong.
std::vector<project_settings> read_projects(const yaml_place& place, const lookup& from);

} // namespace replmond::config
