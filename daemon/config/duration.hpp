#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace replmond::config {

using std::chrono::milliseconds;

/// Reads `500ms`, `30s`, `5m`, `1h30m`, `30d`: units d, h, m, s, ms in that order, each at most once. No
/// sign, no spaces, no fractions; a number without a unit is refused, also `0`. Empty when it is anything
/// else or does not fit.
std::optional<milliseconds> parse_duration(std::string_view text);

/// The form that parse_duration reads back, in the largest units and without the zero ones: `1h30m`, `0s`.
/// `value` must not be negative.
std::string format_duration(milliseconds value);

} // namespace replmond::config
