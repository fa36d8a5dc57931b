#pragma once

#include "daemon/core/metrics/instance_families.hpp"
#include "daemon/core/model/instance.hpp"
#include "daemon/core/web/json_objects.hpp"

#include <compare>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace replmond::web {

/// Caches the totals of each instance's tasks. They are counted at the first request after a poll. Without
/// the cache, a sum over a hundred thousand tasks would take tens of milliseconds, and an open page requests
/// it every few seconds.
class totals_cache {
public:
    /// The totals. They are counted again if forget() was called, or time alone may have changed a condition
    /// of a task, since the last call.
    const task_totals& of(const instance_state& state, const look_time& at);

    /// To be called when the state has changed, and before it is destroyed.
    void forget(const instance_state& state) { entries_.erase(&state); }

private:
    struct entry {
        task_totals totals;
        milliseconds stale_after{};
        std::optional<timestamp> expires; ///< when conditions may change; on the even clock
    };
    std::map<const instance_state*, entry> entries_;
};

using instance_list = std::vector<const instance_state*>;

/// The fleet (all instances and their tasks) at one moment. It has pointers to the states, so it is only
/// valid for one turn of the loop.
struct fleet_view {
    /// See comes_before().
    std::shared_ptr<const instance_list> list = std::make_shared<const instance_list>();
    metrics::render_context context; ///< its `now` is of the even clock, like task_state::unseen_since
    timestamp now{};                 ///< of the wall clock, like most other times
    totals_cache* totals = nullptr;  ///< null: totals are counted each time

    const instance_list& instances() const { return *list; }
    look_time time() const { return {{now, context.now}, context.stale_after}; }
};

/// Returns the current fleet in each call, but always with the times of the first call: whether a task is
/// stale and how old something is must not change in the middle of an answer.
class fleet_at_one_moment {
public:
    explicit fleet_at_one_moment(std::function<fleet_view()> look) : look_(std::move(look)) {}

    fleet_view operator()() {
        fleet_view fleet = look_();
        if (!first_)
            first_.emplace(fleet.context, fleet.now);
        fleet.context = first_->first;
        fleet.now = first_->second;
        return fleet;
    }

private:
    std::function<fleet_view()> look_;
    std::optional<std::pair<metrics::render_context, timestamp>> first_;
};

/// Identifies an instance in a later turn of the loop. Keys are ordered like the fleet's list.
struct instance_key {
    std::string name;
    std::string project;
    std::string id;

    auto operator<=>(const instance_key&) const = default;
};

instance_key key_of(const instance_state& of);

/// The order of a fleet's list: by name, project and id.
bool comes_before(const instance_state& a, const instance_state& b);

/// The index of the first instance that does not come before `key`.
std::size_t place_of(const instance_list& list, const instance_key& key);

/// The instance with this key; null if it does not exist any more.
const instance_state* find_instance(const instance_list& list, const instance_key& key);

/// Iterates over a fleet in several calls. Instances and tasks may be added, removed and changed between two
/// calls: it continues after the last one that it visited, and keeps no pointers.
class fleet_cursor {
public:
    /// Calls `see(instance)` for the next instances. `see` returns its cost; the call ends when the costs
    /// reach `most`. True: all instances were visited.
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

    /// Calls `see(instance, task)` for the next tasks, only of instances for which `enters(instance)` is
    /// true. An instance and a task cost 1 each; the call ends when the costs reach `most`. True: all tasks
    /// were visited.
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

    std::optional<instance_key> instance_; ///< the instance to continue with; nothing: the first one
    std::optional<std::string> task_;      ///< the last task of this instance that was visited
};

} // namespace replmond::web
