#include "daemon/cli/events.hpp"

#include "daemon/cli/load_configuration.hpp"
#include "daemon/config/duration.hpp"
#include "daemon/config/file.hpp"
#include "daemon/store/database.hpp"
#include "daemon/store/event_rows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iostream>
#include <utility>

namespace replmond::cli {
namespace {

int refuse(const std::string& why) {
    std::cerr << "replmond: " << why << std::endl;
    return 1;
}

timestamp wall_clock() {
    return std::chrono::floor<milliseconds>(std::chrono::system_clock::now());
}

std::optional<std::int64_t> whole_number(std::string_view digits) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc() || end != digits.data() + digits.size() || value < 0)
        return std::nullopt;
    return value;
}

// 1763774675.042: by integers, so that the milliseconds are exact.
std::optional<timestamp> parse_unix_seconds(std::string_view text) {
    constexpr std::int64_t year_10000 = 253'402'300'800;
    const std::size_t point = std::min(text.find('.'), text.size());
    const auto seconds = whole_number(text.substr(0, point));
    if (!seconds || *seconds >= year_10000)
        return std::nullopt;
    std::string fraction(point < text.size() ? text.substr(point + 1) : "0");
    if (fraction.empty() || fraction.size() > 3)
        return std::nullopt;
    fraction.append(3 - fraction.size(), '0');
    const auto thousandths = whole_number(fraction);
    if (!thousandths)
        return std::nullopt;
    return timestamp(std::chrono::seconds(*seconds)) + milliseconds(*thousandths);
}

// What a person types may have the offset of where they are; the cloud's times never have.
std::optional<timestamp> parse_local_time(std::string_view text) {
    constexpr std::size_t offset_size = 6; // +08:00
    if (text.size() <= offset_size)
        return std::nullopt;
    const std::string_view offset = text.substr(text.size() - offset_size);
    const auto hours = whole_number(offset.substr(1, 2));
    const auto minutes = whole_number(offset.substr(4, 2));
    if ((offset[0] != '+' && offset[0] != '-') || offset[3] != ':' || !hours || !minutes || *hours > 23 ||
        *minutes > 59)
        return std::nullopt;
    const auto clock = parse_rfc3339(std::string(text.substr(0, text.size() - offset_size)) + 'Z');
    if (!clock)
        return std::nullopt;
    const auto ahead = std::chrono::hours(*hours) + std::chrono::minutes(*minutes);
    return offset[0] == '+' ? *clock - ahead : *clock + ahead;
}

// The state file, or why it is not known.
std::pair<std::string, std::string> find_state(const events_arguments& arguments) {
    if (arguments.state_path)
        return {*arguments.state_path, ""};
    const auto outcome = load_configuration(arguments.common.config_file, config::system_lookup());
    if (!outcome.loaded)
        return {"", fmt::format("{} (--state.path=FILE goes without the configuration)",
                                config::messages(outcome).front())};
    if (outcome.loaded->state.path.empty())
        return {"", fmt::format("{} has no state.path: events are kept in memory only", outcome.file)};
    return {outcome.loaded->state.path, ""};
}

} // namespace

std::optional<timestamp> parse_since(std::string_view text, timestamp now) {
    if (const auto time = parse_rfc3339(text))
        return time;
    if (const auto time = parse_local_time(text))
        return time;
    if (const auto time = parse_unix_seconds(text))
        return time;
    if (const auto back = config::parse_duration(text))
        return now - *back;
    return std::nullopt;
}

int show_events(const events_arguments& arguments) {
    store::event_query query;
    if (arguments.since) {
        query.since = parse_since(*arguments.since, wall_clock());
        if (!query.since)
            return refuse(
                fmt::format("--since: expected a time such as 2026-11-22T01:24:35Z, Unix seconds or a "
                            "duration such as 2h, got \"{}\"",
                            *arguments.since));
    }
    query.instance = arguments.instance;
    query.task = arguments.task;
    query.limit = arguments.limit;

    const auto [path, why] = find_state(arguments);
    if (!why.empty())
        return refuse(why);
    auto file = store::open_for_reading(path);
    if (!file)
        return refuse(fmt::format("state file {}: {}", path, file.error().text));
    // All of them before the first line: a pager that waits must not keep the daemon from reusing its log.
    auto events = store::read_events(*file, query);
    if (!events)
        return refuse(fmt::format("state file {}: {}", path, events.error().text));
    std::reverse(events->begin(), events->end());
    for (const store::kept_event& event : *events)
        std::cout << exposition::to_line(event.what, arguments.output) << '\n';
    std::cout.flush();
    return std::cout ? 0 : refuse("cannot write to stdout");
}

} // namespace replmond::cli
