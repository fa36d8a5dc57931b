#pragma once

#include "tests/simulator/timeline.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace replmond::simulator {

/// Wall-clock time in UTC.
using wall_time = std::chrono::sys_time<std::chrono::microseconds>;

/// When a request came, on each of the three clocks.
struct instant {
    virtual_time now{0}; // of scenarios, locks, jobs and the lives of tokens
    wall_time real;      // ours: rates are measured by it
    wall_time shown;     // the cloud's: ours and what control has added; signatures and dates are about it
};

/// `20260102T030405Z`, as in X-Sdk-Date.
std::string basic_time(wall_time time);

/// The inverse; nothing for other text and for dates that do not exist.
std::optional<wall_time> parse_basic_time(std::string_view text);

/// `2026-01-02T03:04:05.678900Z`, as IAM writes times.
std::string iso_time(wall_time time);

/// `Fri, 02 Jan 2026 03:04:05 GMT`, as in the headers Date and Retry-After.
std::string http_date(wall_time time);

} // namespace replmond::simulator
