#pragma once

#include "daemon/core/model/event.hpp"
#include "daemon/core/model/time.hpp"
#include "daemon/core/web/html.hpp"

#include <span>
#include <string_view>

namespace replmond::web {

/// A table of events. `caption`: for screen readers; `when_empty`: the row if there are none.
void append_event_table(html& out, std::span<const event* const> events, timestamp now,
                        std::string_view caption, std::string_view when_empty);

} // namespace replmond::web
