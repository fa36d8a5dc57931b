#pragma once

#include "daemon/cli/arguments.hpp"
#include "daemon/core/model/time.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace replmond::cli {

/// The names of the events that are stored.
const std::vector<std::string>& stored_event_names();

/// Parses `--since`: RFC 3339 with Z or an offset, Unix seconds with at most 3 decimals, or a duration such
/// as 2h, counted back from `now`. Nothing if it is none of these.
std::optional<timestamp> parse_since(std::string_view text, timestamp now);

/// Prints the stored events, oldest first, as the daemon printed them. Only reads, also while a daemon runs.
/// With `follow` it then prints new ones as they are stored, whatever file is at the path, until SIGINT,
/// SIGTERM, or until nobody reads stdout. Returns the exit code: 0 or 1.
int show_events(const events_arguments& arguments);

} // namespace replmond::cli
