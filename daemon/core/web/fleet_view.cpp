// The fleet as pages and the API see it: cached totals, and a cursor that iterates over the fleet in steps
// while instances are added and removed.

#include "daemon/core/web/fleet_view.hpp"

#include <algorithm>
#include <iterator>
#include <tuple>
#include <utility>

namespace replmond::web {

namespace {

// When time alone may change the totals, on the even clock.
std::optional<timestamp> expiry_of(const instance_state& state, const look_time& at) {
    std::optional<milliseconds> least;
    const auto until = [&least](std::optional<milliseconds> left) {
        if (left)
            least = std::min(least.value_or(*left), *left);
    };
    for (const auto& [name, task] : state.tasks)
        until(conditions_hold_for(task, find_lag(state, name), at));
    for (const auto& [name, task] : state.departed) {
        if (is_gone(task, at))
            until(task.at + departed_kept - at.now.wall + milliseconds(1));
    }
    return least ? std::optional(at.now.even + *least) : std::nullopt;
}

} // namespace

const task_totals& totals_cache::of(const instance_state& state, const look_time& at) {
    const auto [place, is_new] = entries_.try_emplace(&state);
    entry& known = place->second;
    const bool expired = known.expires && *known.expires <= at.now.even;
    if (is_new || expired || known.stale_after != at.stale_after)
        known = {add_up(state, at), at.stale_after, expiry_of(state, at)};
    return known.totals;
}

namespace {

auto tied(const instance_state& of) {
    return std::tie(of.identity.name, of.identity.project, of.identity.id);
}

auto tied(const instance_key& key) {
    return std::tie(key.name, key.project, key.id);
}

} // namespace

instance_key key_of(const instance_state& of) {
    return {of.identity.name, of.identity.project, of.identity.id};
}

bool comes_before(const instance_state& a, const instance_state& b) {
    return tied(a) < tied(b);
}

std::size_t place_of(const instance_list& list, const instance_key& key) {
    const auto found = std::lower_bound(
        list.begin(), list.end(), key,
        [](const instance_state* each, const instance_key& wanted) { return tied(*each) < tied(wanted); });
    return static_cast<std::size_t>(found - list.begin());
}

const instance_state* find_instance(const instance_list& list, const instance_key& key) {
    const std::size_t at = place_of(list, key);
    return at < list.size() && tied(*list[at]) == tied(key) ? list[at] : nullptr;
}

std::size_t fleet_cursor::start(const instance_list& all) {
    if (!instance_)
        return 0;
    const std::size_t at = place_of(all, *instance_);
    if (at == all.size() || tied(*all[at]) != tied(*instance_))
        task_.reset(); // the instance was removed, and `at` is the one after it
    return at;
}

bool fleet_cursor::pause_at(const instance_state& of, std::optional<std::string> task) {
    instance_ = key_of(of);
    task_ = std::move(task);
    return false;
}

bool fleet_cursor::pause_behind(const instance_state& of, task_place next) {
    if (next == of.tasks.begin())
        return pause_at(of, std::nullopt);
    return pause_at(of, std::prev(next)->first);
}

} // namespace replmond::web
