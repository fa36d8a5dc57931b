// The fleet as pages and the API see it: cached totals, and a cursor that iterates over the fleet in steps
// while instances are added and removed.

#include "daemon/core/web/fleet_view.hpp"

#include <algorithm>
#include <iterator>
#include <tuple>
#include <utility>

namespace replmond::web {

namespace {

std::optional<timestamp> next_to_go_stale(const instance_state& state,
                                          const metrics::render_context& context) {
    std::optional<timestamp> next;
    for (const auto& [name, task] : state.tasks) {
        if (!task.unseen_since || is_stale(task.unseen_since, context.stale_after, context.now))
            continue;
        const timestamp at = *task.unseen_since + context.stale_after;
        next = next ? std::min(*next, at) : at;
    }
    return next;
}

} // namespace

const task_totals& totals_cache::of(const instance_state& state, const metrics::render_context& context) {
    const auto [at, is_new] = entries_.try_emplace(&state);
    entry& known = at->second;
    const bool expired = known.expires && *known.expires <= context.now;
    if (is_new || expired || known.stale_after != context.stale_after)
        known = {add_up(state, context), context.stale_after, next_to_go_stale(state, context)};
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
