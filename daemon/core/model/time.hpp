#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace replmond {

using std::chrono::milliseconds;

/// Wall-clock time, UTC, to the millisecond: what is exported, logged and stored.
using timestamp = std::chrono::sys_time<milliseconds>;

/// One instant by two clocks. Somebody may set the wall clock; the even one goes on from where the wall clock
/// was when the process began, so that a difference of two is a real duration.
struct instant {
    timestamp wall{}; ///< what is exported, logged and shown
    timestamp even{}; ///< for durations: what is due again, what is too old
};

/// RFC 3339 with milliseconds and `Z`, such as 2026-11-22T01:24:35.042Z.
std::string to_rfc3339(timestamp time);

/// Reads an RFC 3339 time as the cloud writes it: `2020-01-04T09:05:22.701000Z`, or with an offset such as
/// `+08:00`; 0 to 9 fraction digits, cut to milliseconds. Nothing for anything else, dates that do not exist
/// among it; a leap second is taken as the next one.
std::optional<timestamp> parse_rfc3339(std::string_view text);

/// What a person types: RFC 3339 with Z or an offset such as +08:00, or Unix seconds with at most 3 decimals.
std::optional<timestamp> parse_moment(std::string_view text);

/// Unix time in seconds as a decimal with at most 3 fraction digits, such as 1763774675.042.
std::string to_unix_seconds(timestamp time);

/// Seconds with at most 3 decimals and no trailing zeros, such as 1.5 or 90.
std::string to_seconds(milliseconds duration);

} // namespace replmond
