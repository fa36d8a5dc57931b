#pragma once

#include "daemon/cli/arguments.hpp"
#include "daemon/core/model/time.hpp"

#include <optional>
#include <string_view>

namespace replmond::cli {

/// Parses `--since`: RFC 3339 with Z or an offset, Unix seconds with at most 3 decimals, or a duration such
/// as 2h, counted back from `now`. Nothing if it is none of these.
std::optional<timestamp> parse_since(std::string_view text, timestamp now);

/// Prints the stored events, oldest first, as the daemon printed them. Only reads, also while a daemon runs.
/// Returns the exit code: 0 or 1.
int show_events(const events_arguments& arguments);

} // namespace replmond::cli
