#include "daemon/cli/open_state.hpp"

#include "daemon/cli/record_keeper.hpp"
#include "daemon/monitor/clocks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace replmond::cli {
namespace {

template<class T>
T or_refuse(store::outcome<T> outcome, const std::string& path) {
    if (!outcome)
        throw std::runtime_error(fmt::format("state file {}: {}", path, outcome.error().text));
    return std::move(*outcome);
}

} // namespace

opened_state open_state(const std::string& path) {
    opened_state state;
    if (path.empty())
        return state;
    state.file = or_refuse(store::database::open(path, monitor::wall_clock()), path);
    state.past = or_refuse(state.file->load(), path);
    store::event_query query;
    query.limit = record_keeper::most_latest;
    state.latest = or_refuse(state.file->events(query), path);
    std::reverse(state.latest.begin(), state.latest.end());
    state.set_aside = state.file->set_aside();
    return state;
}

} // namespace replmond::cli
