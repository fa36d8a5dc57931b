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

/// What each instance's tasks add up to, counted when somebody asks for the first time after a poll: a sum
/// over a hundred thousand tasks costs tens of milliseconds, and a page that is open asks every few seconds.
class totals_cache {
public:
    /// Counts where the state changed, or tasks went stale, since it was asked for last.
    const task_totals& of(const instance_state& state, const metrics::render_context& context);

    /// The state has changed, or is gone.
    void forget(const instance_state& state) { entries_.erase(&state); }

private:
    struct entry {
        task_totals totals;
        milliseconds stale_after{};
        std::optional<timestamp> expires; ///< when the next task goes stale
    };
    std::map<const instance_state*, entry> entries_;
};

using instance_list = std::vector<const instance_state*>;

/// What is known of the fleet at one moment: nothing is copied, so it holds for one turn of the loop only.
struct fleet_view {
    std::shared_ptr<const instance_list> list = std::make_shared<const instance_list>(); ///< by name
    metrics::render_context context; ///< its `now` is of the even clock, as ages of what is unseen
    timestamp now{};                 ///< of the wall clock, as all other times
    totals_cache* totals = nullptr;  ///< remembers sums; null: they are counted anew

    const instance_list& instances() const { return *list; }
};

/// Looks at the fleet again and again, always as of the moment of the first look: what is stale, and how old
/// everything is, must not change in the middle of an answer.
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
class fleet_cursor {
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

} // namespace replmond::web
