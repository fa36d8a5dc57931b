#pragma once

#include "daemon/config/settings.hpp"
#include "daemon/config/yaml_reader.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

/// Texts with rules that more than one section has. Each complains and returns nothing where they are broken.
namespace replmond::config {

/// A name of ours: 1 to 128 bytes on one line.
std::optional<std::string> read_name(const yaml_place& place);

/// Letters, digits, - and _, at most `longest`.
std::optional<std::string> read_word(const yaml_place& place, std::size_t longest);

/// Custom labels; those that break a rule are left out.
label_map read_labels(const yaml_place& place);

} // namespace replmond::config
