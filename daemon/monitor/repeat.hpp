#pragma once

#include "daemon/model/time.hpp"

#include <algorithm>

namespace replmond::monitor {

/// True when what was said at `last` should be said again; both times are of the even clock. Only polls ask,
/// and they come some milliseconds early or late: a tenth of the poll interval counts as on time, so that
/// "every 60 s" is not every 120 s.
inline bool repeat_is_due(timestamp last, timestamp now, milliseconds repeat_interval,
                          milliseconds poll_interval) {
    return now - last >= repeat_interval - std::min(repeat_interval, poll_interval) / 10;
}

} // namespace replmond::monitor
