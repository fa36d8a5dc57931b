#pragma once

#include <string>

namespace replmond::config {

/// config/replmond.schema.json, whole: what JSON schema (draft 07, which YAML language servers read) can say
/// of the tables of keys. It refuses nothing that replmond takes. tests/e2e/test_schema.py lists what it
/// cannot know.
std::string configuration_schema();

} // namespace replmond::config
