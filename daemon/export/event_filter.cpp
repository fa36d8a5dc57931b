#include "daemon/export/event_filter.hpp"

#include "daemon/export/query_string.hpp"

#include <array>

namespace replmond::exposition {
namespace {

constexpr std::size_t most_events = 1'000;

constexpr std::array parameters = {
    parameter<event_filter>{"limit",
                            [](event_filter& into, std::string_view value) {
                                return read_whole_number(into.limit, value, 1, most_events);
                            }},
    parameter<event_filter>{"since",
                            [](event_filter& into, std::string_view value) -> std::string {
                                into.since = parse_moment(value);
                                return into.since ? ""
                                                  : "expected a time such as 2026-11-22T01:24:35Z, or Unix "
                                                    "seconds";
                            }},
    parameter<event_filter>{"instance",
                            [](event_filter& into, std::string_view value) {
                                into.instance = value;
                                return std::string();
                            }},
    parameter<event_filter>{"task",
                            [](event_filter& into, std::string_view value) {
                                into.task = value;
                                return std::string();
                            }},
};

} // namespace

bool event_filter::admits(const event& e, std::string_view instance_id) const {
    return (!since || e.time >= *since) &&
           (instance.empty() || e.starrocks_instance == instance || instance_id == instance) &&
           (task.empty() || e.task == task);
}

std::variant<event_filter, std::string> parse_event_filter(std::string_view target) {
    return read_query<event_filter>(target, parameters);
}

} // namespace replmond::exposition
