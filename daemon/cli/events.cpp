// `replmond events`: reads the state file, also while the daemon writes it.

#include "daemon/cli/events.hpp"

#include "daemon/core/config/load.hpp"
#include "daemon/core/config/values.hpp"
#include "daemon/net/clocks.hpp"
#include "daemon/service/load_configuration.hpp"
#include "daemon/store/database.hpp"
#include "daemon/store/event_rows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iostream>
#include <utility>

namespace replmond::cli {

namespace {

int refuse(const std::string& why) {
    std::cerr << "replmond: " << why << std::endl;
    return 1;
}

// The path of the state file, or why it is not known.
std::pair<std::string, std::string> find_state(const events_arguments& arguments) {
    if (arguments.state_path)
        return {*arguments.state_path, ""};
    const auto outcome = service::load_configuration(arguments.common.config_file, config::system_lookup());
    if (!outcome.loaded)
        return {"", fmt::format("{} (--state.path=FILE goes without the configuration)",
                                config::messages(outcome).front())};
    if (outcome.loaded->state.path.empty())
        return {"", fmt::format("{} has no state.path: events are kept in memory only", outcome.file)};
    return {outcome.loaded->state.path, ""};
}

} // namespace

std::optional<timestamp> parse_since(std::string_view text, timestamp now) {
    if (const auto time = parse_moment(text))
        return time;
    if (const auto back = config::parse_duration(text))
        return now - *back;
    return std::nullopt;
}

int show_events(const events_arguments& arguments) {
    store::event_query query;
    if (arguments.since)
        query.since = parse_since(*arguments.since, net::wall_clock()).value();
    query.instance = arguments.instance;
    query.task = arguments.task;
    query.limit = arguments.limit;

    const auto [path, why] = find_state(arguments);
    if (!why.empty())
        return refuse(why);
    auto file = store::open_for_reading(path);
    if (!file)
        return refuse(fmt::format("state file {}: {}", path, file.error().text));
    // Reads all events before printing: an open read transaction while a pager waits would keep the daemon
    // from resetting its WAL (SQLite documentation, "Write-Ahead Logging").
    auto events = store::read_events(*file, query);
    if (!events)
        return refuse(fmt::format("state file {}: {}", path, events.error().text));
    std::reverse(events->begin(), events->end());
    for (const store::kept_event& event : *events)
        std::cout << web::to_line(event.what, arguments.output) << '\n';
    std::cout.flush();
    return std::cout ? 0 : refuse("cannot write to stdout");
}

} // namespace replmond::cli
