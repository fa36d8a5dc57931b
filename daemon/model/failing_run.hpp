#pragma once

#include "daemon/model/failure.hpp"
#include "daemon/model/time.hpp"

#include <cstdint>

namespace replmond {

/// Failed polls in a row, and what was said of them: enough to keep to the repeat interval and to say how
/// long it lasted. Its times are of the even clock.
struct failing_run {
    std::int64_t failures = 0; ///< 0: the last poll did not fail, and the rest means nothing
    timestamp first{};
    timestamp last_said{};
    poll_result said = poll_result::success;

    bool operator==(const failing_run&) const = default;
};

} // namespace replmond
