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

/// The fields as one JSON object, in their order. Numbers keep their digits, and a repeated key stays
/// repeated. Bytes that are not UTF-8 are kept as they are, although strictly that is not JSON (RFC 8259,
/// section 8.1).
std::string to_json(const event_fields& fields);

/// Parses what to_json() writes. Returns nothing for any other text.
std::optional<event_fields> parse_fields(std::string_view json);

// The table `events`: rows to values and back.

/// A statement for put(). Inserting an event whose id exists already does nothing.
outcome<statement> event_insert(connection& file);
/// Inserts `event`; its id must be set.
outcome<void> put(statement& insert, const kept_event& event);

/// Matching events, newest first.
outcome<std::vector<kept_event>> read_events(connection& file, const event_query& query);

/// Events with an id above `id`, oldest first, at most `limit`.
outcome<std::vector<kept_event>> read_events_above(connection& file, std::uint64_t id, std::size_t limit);

/// True if the query matches the event; the limit does not count.
bool admits(const event_query& query, const kept_event& event);

/// The instances and the tasks that stored events are of, each name once. Empty names are left out. Reads
/// every event.
struct event_names {
    std::vector<std::string> instances; ///< their names and their ids
    std::vector<std::string> tasks;
};
outcome<event_names> read_event_names(connection& file);

/// The highest id that an event ever had in this file; 0 if there was none.
outcome<std::uint64_t> last_event_id(connection& file);

} // namespace replmond::store
