#pragma once

#include "daemon/core/model/time.hpp"

#include <optional>
#include <string_view>

namespace replmond::lag {

/// Parses what a heartbeat's column holds (the contract, Configuration): Unix time as a whole number, of
/// seconds, ms or µs by its magnitude, or UTC as `YYYY-MM-DD[T ]hh:mm:ss` with 0 to 6 fraction digits. Cut to
/// ms. Nothing for any other text, for a moment before the year 2000, and for one more than a day after
/// `now`.
std::optional<timestamp> parse_heartbeat(std::string_view text, timestamp now);

} // namespace replmond::lag
