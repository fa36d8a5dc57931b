#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace replmond {

using std::chrono::milliseconds;

/// Wall-clock time in UTC with milliseconds: exported, logged and stored.
using timestamp = std::chrono::sys_time<milliseconds>;

/// One moment on two clocks. The wall clock may be set while the process runs. The even clock starts at the
/// wall clock's time when the process starts and never jumps, so that the difference of two of its times is a
/// duration.
struct instant {
    timestamp wall{}; ///< for what is exported, logged and shown
    timestamp even{}; ///< for durations: when something is due again or too old
};

/// RFC 3339 with milliseconds and `Z`, such as 2026-11-22T01:24:35.042Z.
std::string to_rfc3339(timestamp time);

/// Parses an RFC 3339 time: `2020-01-04T09:05:22.701000Z`, or with an offset such as `+08:00`. 0 to 9
/// fraction digits (API.md, section 5.1), cut to milliseconds. A leap second (:60) becomes the next second.
/// Nothing for any other text, and for dates that do not exist.
std::optional<timestamp> parse_rfc3339(std::string_view text);

/// Parses a time as a user types it: RFC 3339 with Z or an offset such as +08:00, or Unix seconds with at
/// most 3 decimals.
std::optional<timestamp> parse_moment(std::string_view text);

/// Unix time in seconds as a decimal with at most 3 fraction digits, such as 1763774675.042.
std::string to_unix_seconds(timestamp time);

/// Seconds with at most 3 decimals and no trailing zeros, such as 1.5 or 90.
std::string to_seconds(milliseconds duration);

} // namespace replmond
