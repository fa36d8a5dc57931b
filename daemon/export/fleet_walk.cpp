// Goes through a fleet in steps: instances may come and go between two.
#include "daemon/export/fleet_walk.hpp"

#include <algorithm>
#include <iterator>
#include <tuple>
#include <utility>

namespace replmond::exposition {
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

std::size_t fleet_walk::start(const instance_list& all) {
    if (!instance_)
        return 0;
    const std::size_t at = place_of(all, *instance_);
    if (at == all.size() || tied(*all[at]) != tied(*instance_))
        task_.reset(); // it is gone, and another one is next
    return at;
}

bool fleet_walk::pause_at(const instance_state& of, std::optional<std::string> task) {
    instance_ = key_of(of);
    task_ = std::move(task);
    return false;
}

bool fleet_walk::pause_behind(const instance_state& of, task_place next) {
    if (next == of.tasks.begin())
        return pause_at(of, std::nullopt);
    return pause_at(of, std::prev(next)->first);
}

} // namespace replmond::exposition
