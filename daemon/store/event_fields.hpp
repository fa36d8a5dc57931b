#pragma once

#include "daemon/model/event.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace replmond::store {

using event_fields = std::vector<std::pair<std::string, field_value>>;

/// One JSON object, in the fields' order. Numbers keep their digits, and a key that stands twice stays twice.
/// Bytes that are no UTF-8 are kept as they are, which strictly is no JSON.
std::string to_json(const event_fields& fields);

/// Reads back exactly what to_json() wrote; nothing for anything else.
std::optional<event_fields> parse_fields(std::string_view json);

} // namespace replmond::store
