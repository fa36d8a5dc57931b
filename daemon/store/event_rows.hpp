#pragma once

#include "daemon/store/record.hpp"
#include "daemon/store/sqlite.hpp"

#include <cstdint>

/// The table `events`: rows to values and back.
namespace replmond::store {

/// An event with an id that is there already is that event: nothing happens then.
outcome<statement> event_insert(connection& file);
outcome<void> put(statement& insert, const kept_event& event);

/// Newest first.
outcome<std::vector<kept_event>> read_events(connection& file, const event_query& query);

/// Those with an id above `id`, oldest first, at most `limit`.
outcome<std::vector<kept_event>> read_events_above(connection& file, std::uint64_t id, std::size_t limit);

} // namespace replmond::store
