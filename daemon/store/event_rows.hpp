#pragma once

#include "daemon/core/model/event.hpp"
#include "daemon/store/record.hpp"
#include "daemon/store/sqlite.hpp"

#include <cstdint>
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

// The table `events`: rows to values and back.

/// An event with an id that is there already is that event: nothing happens then.
outcome<statement> event_insert(connection& file);
outcome<void> put(statement& insert, const kept_event& event);

/// Newest first.
outcome<std::vector<kept_event>> read_events(connection& file, const event_query& query);

/// Those with an id above `id`, oldest first, at most `limit`.
outcome<std::vector<kept_event>> read_events_above(connection& file, std::uint64_t id, std::size_t limit);

} // namespace replmond::store
