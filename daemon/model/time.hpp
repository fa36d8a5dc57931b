#pragma once

#include <chrono>
#include <string>

namespace replmond {

using std::chrono::milliseconds;

/// Wall-clock time, UTC, to the millisecond: what is exported, logged and stored.
using timestamp = std::chrono::sys_time<milliseconds>;

/// RFC 3339 with milliseconds and `Z`, such as 2026-11-22T01:24:35.042Z.
std::string to_rfc3339(timestamp time);

/// Unix time in seconds as a decimal with at most 3 fraction digits, such as 1763774675.042.
std::string to_unix_seconds(timestamp time);

/// Seconds with at most 3 decimals and no trailing zeros, such as 1.5 or 90.
std::string to_seconds(milliseconds duration);

} // namespace replmond
