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

/// Collects items that are added one by one, and gives the part of their sorted list that begins at `offset`
/// and has at most `most` items. Only the first offset + most items are kept, in a heap, and they are sorted
/// in steps, so that no single call takes long. `Before` must be a strict total order without equal items.
template<class Item, class Before>
class sorted_window {
public:
    sorted_window(std::size_t offset, std::size_t most, Before before)
        : offset_(offset), kept_(most > max - offset ? max : offset + most), before_(std::move(before)) {}

    /// Adds an item, or only counts it if it is outside of the first offset + most items.
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

    /// Sorts `count` more items into their places, from the last to the first. True: all are sorted. add()
    /// must not be called after it.
    bool sort(std::size_t count) {
        if (!sorting_)
            heap_ = items_.size();
        sorting_ = true;
        for (; count > 0 && heap_ > first(); --count, --heap_)
            std::pop_heap(items_.begin(), items_.begin() + static_cast<std::ptrdiff_t>(heap_), before_);
        return heap_ <= first();
    }

    std::size_t total() const { return total_; }                 ///< the number of all items that were added
    std::size_t size() const { return items_.size() - first(); } ///< the number of items from `offset` on
    const Item& operator[](std::size_t place) const { return items_[first() + place]; }
    std::size_t bytes() const { return items_.capacity() * sizeof(Item); }

private:
    static constexpr std::size_t max = static_cast<std::size_t>(-1);

    std::size_t first() const { return std::min(offset_, items_.size()); }

    std::size_t offset_;
    std::size_t kept_;
    Before before_;
    std::vector<Item> items_; ///< up to `heap_` a heap with the last item on top; after it sorted items
    std::size_t heap_ = 0;
    std::size_t total_ = 0;
    bool sorting_ = false;
};

/// One instance of a list. The pointer is valid for one turn of the loop.
struct listed_instance {
    const instance_state* of = nullptr;
    task_totals totals;
};

/// Totals over the whole fleet.
struct fleet_totals {
    std::size_t instances = 0;
    std::size_t failing = 0;    ///< instances whose last poll failed
    std::size_t not_polled = 0; ///< instances that were not polled yet
    std::size_t tasks = 0;
    std::size_t lag_measured = 0; ///< instances whose lag is measured
    task_totals of_tasks;
    /// When the instance that was not read for the longest time was last read. Nothing: none was read.
    std::optional<timestamp> oldest_success;

    /// How much is wrong: tasks with a condition, and instances that cannot be read.
    std::size_t wrong() const { return of_tasks.wrong + failing; }
};

/// Computes the totals of the whole fleet and finds the instances of a query, in steps. The order of severity
/// is: failing polls, abnormal tasks, tasks that need repair, tasks with another condition, not polled yet,
/// all others; equal ones in the order of the fleet.
class instance_search {
public:
    explicit instance_search(instance_query query);

    /// True: the search is complete.
    bool step(const fleet_view& fleet);

    const fleet_totals& sum() const {
        return sum_;
    } ///< of all instances, also those that the query leaves out
    std::size_t total() const { return found_.total(); } ///< the number of instances that fit the filters
    std::size_t size() const { return found_.size(); }   ///< of these from `offset` on, at most `limit`

    /// The instance at index `place`, 0..size()-1; null if it was removed meanwhile.
    listed_instance at(const fleet_view& fleet, std::size_t place) const;

    std::size_t bytes() const { return found_.bytes(); }

private:
    struct candidate {
        int severity = 0;
        std::size_t turn = 0; ///< the position in the order of the fleet
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

/// One task of a list. The pointers are valid for one turn of the loop.
struct listed_task {
    const instance_state* of = nullptr;
    const task_state* task = nullptr;
};

/// True if the instance may have tasks that fit the filters; true if a task of such an instance fits them.
bool admits(const task_query& query, const instance_identity& of);
bool admits(const task_query& query, const instance_state& of, const task_state& task, const look_time& at);

/// Finds the tasks of a query in its order, in steps: one pass over all tasks, then the requested part is
/// sorted. A task that changes after the pass has visited it keeps its position; a task that disappears is
/// left out.
class task_search {
public:
    explicit task_search(task_query query);

    /// True: the search is complete.
    bool step(const fleet_view& fleet);

    std::size_t total() const { return found_.total(); } ///< the number of tasks that fit the filters
    std::size_t size() const { return found_.size(); }   ///< of these from `offset` on, at most `limit`

    /// The task at index `place`, 0..size()-1; null pointers if it disappeared meanwhile.
    listed_task at(const fleet_view& fleet, std::size_t place) const;

    std::size_t bytes() const;

private:
    struct candidate {
        double key = 0;       ///< the sort key; infinite if it is not known, so that it is last
        std::size_t turn = 0; ///< the position in the order of the fleet
        std::uint32_t of = 0; ///< index of its instance in `instances_`
        std::string task;
    };
    struct in_order {
        task_order order;
        bool descending;
        bool operator()(const candidate& a, const candidate& b) const;
    };

    void see(const instance_state& of, const task_state& task, const look_time& at);

    task_query query_;
    fleet_cursor walk_;
    bool all_seen_ = false;
    bool in_instance_ = false;            ///< the cursor is at the last instance of `instances_`
    std::vector<instance_key> instances_; ///< instances that have tasks in found_
    sorted_window<candidate, in_order> found_;
    std::size_t name_bytes_ = 0; ///< of the names of all tasks that were added to found_
};

} // namespace replmond::web
