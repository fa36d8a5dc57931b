#pragma once

#include "daemon/export/fleet_view.hpp"
#include "daemon/export/fleet_walk.hpp"
#include "daemon/export/sorted_window.hpp"
#include "daemon/export/task_query.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace replmond::exposition {

/// One task of a list: pointers into the fleet's states, for one turn of the loop.
struct listed_task {
    const instance_state* of = nullptr;
    const task_state* task = nullptr;
};

/// Whether an instance may have tasks that fit the filters; whether a task of such an instance does.
bool admits(const task_query& query, const instance_identity& of);
bool admits(const task_query& query, const instance_state& of, const task_state& task,
            const render_context& context);

/// Finds the tasks that a query asks for, in its order, step by step: one pass over the tasks, then the part
/// that is asked for is sorted. What changes behind the pass is not seen; what goes is left out.
class task_search {
public:
    explicit task_search(task_query query);

    /// True once all are found.
    bool step(const fleet_view& fleet);

    std::size_t total() const { return found_.total(); } ///< that fit the filters
    std::size_t size() const { return found_.size(); }   ///< from `offset` on, at most `limit`

    /// The task at that place of the list; nulls where it is gone meanwhile.
    listed_task at(const fleet_view& fleet, std::size_t place) const;

    std::size_t bytes() const;

private:
    struct candidate {
        double key = 0;
        std::size_t turn = 0; ///< the place in the order of the fleet
        std::uint32_t of = 0; ///< of `instances_`
        std::string task;
    };
    struct in_order {
        task_order order;
        bool descending;
        bool operator()(const candidate& a, const candidate& b) const;
    };

    void see(const instance_state& of, const task_state& task, const render_context& context);

    task_query query_;
    fleet_walk walk_;
    bool all_seen_ = false;
    bool in_instance_ = false; ///< the walk is where the last of `instances_` is
    std::vector<instance_key> instances_;
    sorted_window<candidate, in_order> found_;
    std::size_t name_bytes_ = 0;
};

} // namespace replmond::exposition
