#include "daemon/cli/open_state.hpp"

#include "daemon/cli/record_keeper.hpp"
#include "daemon/monitor/clocks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace replmond::cli {
namespace {

// Reads all that a start needs: damage that the check of the file did not find is found here.
store::outcome<void> read_all(opened_state& state) {
    auto past = state.file->load();
    if (!past)
        return past.error();
    store::event_query query;
    query.limit = record_keeper::most_latest;
    auto latest = state.file->events(query);
    if (!latest)
        return latest.error();
    const auto last_id = state.file->last_event_id();
    if (!last_id)
        return last_id.error();
    const auto unprinted = state.file->unacknowledged();
    if (!unprinted)
        return unprinted.error();
    state.past = std::move(*past);
    state.latest = std::move(*latest);
    std::reverse(state.latest.begin(), state.latest.end());
    return {};
}

store::outcome<void> open_and_read(const std::string& path, timestamp now, opened_state& state) {
    auto file = store::database::open(path, now);
    if (!file)
        return file.error();
    state.file = std::move(*file);
    const auto read = read_all(state);
    if (read || read.error().kind != store::trouble::corrupt)
        return read;
    const auto begun = state.file->begin_anew(read.error(), 0, now);
    return begun ? read_all(state) : begun;
}

} // namespace

opened_state open_state(const std::string& path) {
    opened_state state;
    if (path.empty())
        return state;
    const auto opened = open_and_read(path, monitor::wall_clock(), state);
    if (!opened)
        throw std::runtime_error(fmt::format("state file {}: {}", path, opened.error().text));
    state.set_aside = state.file->set_aside();
    return state;
}

} // namespace replmond::cli
