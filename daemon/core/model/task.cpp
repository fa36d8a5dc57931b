// Parses the API's words for a task's stage and status, and gives the words that are exported and logged.

#include "daemon/core/model/task.hpp"

#include "daemon/core/model/text.hpp"

namespace replmond {

stage parse_stage(std::string_view word) {
    const std::string lower = to_lower_ascii(word);
    for (const stage candidate : all_stages) {
        if (lower == to_string(candidate))
            return candidate;
    }
    return stage::unknown;
}

std::string_view to_string(stage value) {
    switch (value) {
    case stage::wait:
        return "wait";
    case stage::full:
        return "full";
    case stage::incremental:
        return "incremental";
    case stage::paused:
        return "paused";
    case stage::cancelled:
        return "cancelled";
    case stage::unknown:
        break;
    }
    return "unknown";
}

std::optional<status> parse_status(std::string_view word) {
    const std::string lower = to_lower_ascii(word);
    if (lower == "yes")
        return status::yes;
    if (lower == "no")
        return status::no;
    return std::nullopt;
}

std::string_view to_string(status value) {
    return value == status::yes ? "yes" : "no";
}

} // namespace replmond
