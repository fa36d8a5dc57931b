#pragma once

#include "daemon/model/event.hpp"
#include "daemon/schedule/scheduler.hpp"

#include <optional>
#include <string_view>

namespace replmond::monitor {

/// `intervals_stretched`: WARN with the arithmetic when a project's budget becomes too small for its polls,
/// INFO when much more is needed, and when it is large enough again. Fields: `planned` and `limit` (requests
/// a window), `window`, `instances`, `stretch`.
std::optional<event> stretch_event(std::string_view project, const schedule::stretch_change& change,
                                   timestamp now);

} // namespace replmond::monitor
