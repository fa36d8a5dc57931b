#pragma once

#include "daemon/export/fleet_view.hpp"
#include "daemon/model/instance.hpp"

#include <compare>
#include <cstddef>
#include <optional>
#include <string>

namespace replmond::exposition {

/// What an instance is found by again, in the order of the fleet's list.
struct instance_key {
    std::string name;
    std::string project;
    std::string id;

    auto operator<=>(const instance_key&) const = default;
};

instance_key key_of(const instance_state& of);

/// The order of a fleet's list.
bool comes_before(const instance_state& a, const instance_state& b);

/// The place of the first instance that does not come before `key`.
std::size_t place_of(const instance_list& list, const instance_key& key);

/// Null where it is not there any more.
const instance_state* find_instance(const instance_list& list, const instance_key& key);

/// Goes through a fleet bit by bit. Instances and tasks may come, go and change between two calls: it goes on
/// behind the last one that it saw, and keeps no pointer.
class fleet_walk {
public:
    /// Calls `see(instance)`, which returns what that cost, until `most` is spent; true at the end.
    template<class See>
    bool over_instances(const fleet_view& fleet, std::size_t most, See see) {
        const instance_list& all = fleet.instances();
        for (std::size_t at = start(all); at < all.size(); ++at) {
            if (most == 0)
                return pause_at(*all[at], std::nullopt);
            const std::size_t cost = see(*all[at]);
            most -= cost < most ? cost : most;
        }
        return true;
    }

    /// Calls `see(instance, task)` with at most `most` tasks of the instances that `enters` admits; true at
    /// the end.
    template<class Enters, class See>
    bool over_tasks(const fleet_view& fleet, std::size_t most, Enters enters, See see) {
        const instance_list& all = fleet.instances();
        for (std::size_t at = start(all); at < all.size(); ++at, task_.reset()) {
            const instance_state& of = *all[at];
            if (most == 0)
                return pause_at(of, task_);
            --most;
            if (!enters(of))
                continue;
            auto next = task_ ? of.tasks.upper_bound(*task_) : of.tasks.begin();
            for (; next != of.tasks.end(); ++next) {
                if (most == 0)
                    return pause_behind(of, next);
                --most;
                see(of, next->second);
            }
        }
        return true;
    }

private:
    using task_place = std::map<std::string, task_state>::const_iterator;

    std::size_t start(const instance_list& all);
    bool pause_at(const instance_state& of, std::optional<std::string> task);
    bool pause_behind(const instance_state& of, task_place next);

    std::optional<instance_key> instance_; ///< to go on with
    std::optional<std::string> task_;      ///< of it: the last that was seen
};

} // namespace replmond::exposition
