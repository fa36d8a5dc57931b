#pragma once

#include "daemon/export/api_objects.hpp"
#include "daemon/export/fleet_view.hpp"
#include "daemon/export/fleet_walk.hpp"
#include "daemon/export/instance_query.hpp"
#include "daemon/export/sorted_window.hpp"

#include <cstddef>

namespace replmond::exposition {

/// One instance of a list, for one turn of the loop.
struct listed_instance {
    const instance_state* of = nullptr;
    task_totals totals;
};

/// What the whole fleet adds up to.
struct fleet_totals {
    std::size_t instances = 0;
    std::size_t failing = 0;    ///< last poll failed
    std::size_t not_polled = 0; ///< yet
    std::size_t tasks = 0;
    task_totals of_tasks;
};

/// Adds up the whole fleet, and finds the instances that a query asks for, step by step. In the order of
/// severity comes first what needs a look: failing polls, abnormal tasks, needs repair, stale, not polled
/// yet; equals by name.
class instance_search {
public:
    explicit instance_search(instance_query query);

    /// True once all are found.
    bool step(const fleet_view& fleet);

    const fleet_totals& sum() const { return sum_; }     ///< of all, whatever the query
    std::size_t total() const { return found_.total(); } ///< that fit the filters
    std::size_t size() const { return found_.size(); }   ///< from `offset` on, at most `limit`

    /// The instance at that place of the list; null where it is gone meanwhile.
    listed_instance at(const fleet_view& fleet, std::size_t place) const;

    std::size_t bytes() const { return found_.bytes(); }

private:
    struct candidate {
        int severity = 0;
        std::size_t turn = 0;
        instance_key key;
    };
    struct in_order {
        bool operator()(const candidate& a, const candidate& b) const {
            return a.severity != b.severity ? a.severity < b.severity : a.turn < b.turn;
        }
    };

    std::size_t see(const instance_state& of, const fleet_view& fleet);

    instance_query query_;
    fleet_walk walk_;
    bool all_seen_ = false;
    fleet_totals sum_;
    sorted_window<candidate, in_order> found_;
};

} // namespace replmond::exposition
