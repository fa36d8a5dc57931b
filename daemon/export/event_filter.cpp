#include "daemon/export/event_filter.hpp"

#include "daemon/export/query_string.hpp"

#include <charconv>

namespace replmond::exposition {
namespace {

constexpr std::size_t most_events = 1'000;

std::optional<std::size_t> parse_limit(std::string_view text) {
    std::size_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value < 1 || value > most_events)
        return std::nullopt;
    return value;
}

} // namespace

bool event_filter::admits(const event& e, std::string_view instance_id) const {
    return (!since || e.time >= *since) &&
           (instance.empty() || e.starrocks_instance == instance || instance_id == instance) &&
           (task.empty() || e.task == task);
}

std::variant<event_filter, std::string> parse_event_filter(std::string_view target) {
    const auto parameters = parse_query_string(target);
    if (!parameters)
        return "the query string has an escape that is no %XX";
    event_filter filter;
    for (const auto& [key, value] : *parameters) {
        if (key == "instance") {
            filter.instance = value;
        } else if (key == "task") {
            filter.task = value;
        } else if (key == "limit") {
            const auto limit = parse_limit(value);
            if (!limit)
                return "limit: expected a whole number from 1 to 1000";
            filter.limit = *limit;
        } else if (key == "since") {
            filter.since = parse_moment(value);
            if (!filter.since)
                return "since: expected a time such as 2026-11-22T01:24:35Z, or Unix seconds";
        }
    }
    return filter;
}

} // namespace replmond::exposition
