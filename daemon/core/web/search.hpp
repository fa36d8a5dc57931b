#pragma once

#include "daemon/core/web/fleet_view.hpp"
#include "daemon/core/web/json_objects.hpp"
#include "daemon/core/web/queries.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace replmond::web {

/// The part from `offset` on of at most `most` items in an order, of any number that come one by one; no step
/// of it grows with their number. `Before` is a strict order in which no two are equal.
template<class Item, class Before>
class sorted_window {
public:
    sorted_window(std::size_t offset, std::size_t most, Before before)
        : offset_(offset), kept_(most > max - offset ? max : offset + most), before_(std::move(before)) {}

    void add(Item item) {
        ++total_;
        if (items_.size() == kept_) {
            if (kept_ == 0 || !before_(item, items_.front()))
                return;
            std::pop_heap(items_.begin(), items_.end(), before_);
            items_.back() = std::move(item);
        } else {
            items_.push_back(std::move(item));
        }
        std::push_heap(items_.begin(), items_.end(), before_);
    }

    /// Puts `count` more in their place, from the last to the first; true once all are. No add() behind it.
    bool sort(std::size_t count) {
        if (!sorting_)
            heap_ = items_.size();
        sorting_ = true;
        for (; count > 0 && heap_ > first(); --count, --heap_)
            std::pop_heap(items_.begin(), items_.begin() + static_cast<std::ptrdiff_t>(heap_), before_);
        return heap_ <= first();
    }

    std::size_t total() const { return total_; } ///< of all that came
    std::size_t size() const { return items_.size() - first(); }
    const Item& operator[](std::size_t place) const { return items_[first() + place]; }
    std::size_t bytes() const { return items_.capacity() * sizeof(Item); }

private:
    static constexpr std::size_t max = static_cast<std::size_t>(-1);

    std::size_t first() const { return std::min(offset_, items_.size()); }

    std::size_t offset_;
    std::size_t kept_;
    Before before_;
    std::vector<Item> items_; ///< a heap up to `heap_`, the last on top; behind it what is in its place
    std::size_t heap_ = 0;
    std::size_t total_ = 0;
    bool sorting_ = false;
};

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
    fleet_cursor walk_;
    bool all_seen_ = false;
    fleet_totals sum_;
    sorted_window<candidate, in_order> found_;
};

/// One task of a list: pointers into the fleet's states, for one turn of the loop.
struct listed_task {
    const instance_state* of = nullptr;
    const task_state* task = nullptr;
};

/// Whether an instance may have tasks that fit the filters; whether a task of such an instance does.
bool admits(const task_query& query, const instance_identity& of);
bool admits(const task_query& query, const instance_state& of, const task_state& task,
            const metrics::render_context& context);

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

    void see(const instance_state& of, const task_state& task, const metrics::render_context& context);

    task_query query_;
    fleet_cursor walk_;
    bool all_seen_ = false;
    bool in_instance_ = false; ///< the walk is where the last of `instances_` is
    std::vector<instance_key> instances_;
    sorted_window<candidate, in_order> found_;
    std::size_t name_bytes_ = 0;
};

} // namespace replmond::web
