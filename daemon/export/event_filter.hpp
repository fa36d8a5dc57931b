#pragma once

#include "daemon/model/event.hpp"
#include "daemon/model/time.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace replmond::exposition {

/// Which events /api/v1/events is asked for. Empty: any.
struct event_filter {
    std::optional<timestamp> since;
    std::string instance; ///< name or id
    std::string task;
    std::size_t limit = 100; ///< 1..1000

    /// `instance_id`: of what the event is about.
    bool admits(const event& e, std::string_view instance_id) const;
};

/// Reads `?limit=&since=&instance=&task=`; a text for the caller where a value cannot be read, or
/// a parameter is not known or comes twice. `since`: RFC 3339 or Unix seconds.
std::variant<event_filter, std::string> parse_event_filter(std::string_view target);

} // namespace replmond::exposition
