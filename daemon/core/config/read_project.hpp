#pragma once

#include "daemon/core/config/secret.hpp"
#include "daemon/core/config/settings.hpp"
#include "daemon/core/config/yaml_reader.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The readers of `projects` and `instances`. Each complains of what is wrong, with its place.
namespace replmond::config {

// Texts with rules that more than one section has: nothing where a rule is broken.

/// A name of ours: 1 to 128 bytes on one line.
std::optional<std::string> read_name(const yaml_place& place);

/// Letters, digits, - and _, at most `longest`.
std::optional<std::string> read_word(const yaml_place& place, std::size_t longest);

/// Custom labels; those that break a rule are left out.
label_map read_labels(const yaml_place& place);

/// Reads a project's `auth`. Every secret is fetched once, so that a missing file or variable is a mistake
/// with a position; only where it comes from is kept. Empty where anything is wrong, which has been
/// complained of.
std::optional<auth_settings> read_auth(const yaml_place& place, const lookup& from);

/// Reads the list under `instances`; `defaults` fill in what an instance leaves out. Names are unique, and so
/// is (project, id). What is wrong has been complained of.
std::vector<instance_settings> read_instances(const yaml_place& place, const poll_settings& defaults,
                                              const std::vector<project_settings>& projects);

/// Reads the list under `projects`; names are unique. What is wrong has been complained of, and keeps its
/// default: a project stands in the result as soon as it is a map, its name empty where that is wrong.
std::vector<project_settings> read_projects(const yaml_place& place, const lookup& from);

} // namespace replmond::config
