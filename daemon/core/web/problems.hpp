#pragma once

#include "daemon/core/model/condition.hpp"
#include "daemon/core/model/failure.hpp"
#include "daemon/core/model/time.hpp"
#include "daemon/core/web/fleet_view.hpp"
#include "daemon/core/web/language.hpp"
#include "daemon/core/web/search.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace replmond::web {

/// Instances of one project whose polls fail with the same result.
struct failing_group {
    std::string project;
    std::string instance;       ///< the name of the first one
    std::size_t instances = 0;  ///< how many fail so
    std::optional<failure> why; ///< of the first one
    poll_result result = poll_result::network;
    std::optional<timestamp> since; ///< the earliest; by the wall clock
};

/// A task with a condition of its own: one that does not only say that it, or its lag, was not read. The
/// pointers are valid for one turn of the loop.
struct listed_problem {
    const instance_state* of = nullptr;
    const task_state* task = nullptr;
    bool gone = false;        ///< a departed task
    condition_set conditions; ///< empty if it is gone
    condition worst = condition::gone;
    std::optional<timestamp> since; ///< of `worst`; by the wall clock
};

/// Finds what is wrong now, in steps: groups of failing instances, and tasks. Tasks are in the order of their
/// worst condition, then the latest first.
class problem_search {
public:
    /// `most`: how many tasks are listed, and how many groups.
    explicit problem_search(std::size_t most);

    /// True: the search is complete.
    bool step(const fleet_view& fleet);

    /// The largest groups first.
    const std::vector<failing_group>& groups() const { return groups_; }
    std::size_t other_groups() const { return other_groups_; } ///< groups beyond `most`

    std::size_t total() const { return found_.total(); } ///< tasks with a problem
    std::size_t size() const { return found_.size(); }   ///< of these at most `most`

    /// The problem at index `place`, 0..size()-1; null pointers if the task has disappeared meanwhile.
    listed_problem at(const fleet_view& fleet, std::size_t place) const;

    std::size_t bytes() const { return found_.bytes() + groups_.size() * sizeof(failing_group); }

private:
    struct candidate {
        condition worst = condition::abnormal;
        timestamp since{};
        std::size_t turn = 0; ///< the position in the order of the fleet
        instance_key of;
        std::string task;
    };
    struct in_order {
        bool operator()(const candidate& a, const candidate& b) const;
    };
    using group_key = std::tuple<std::string, poll_result, int, std::string>;

    bool enter(const instance_state& of, const fleet_view& fleet);
    void see_failure(const instance_state& of, const look_time& at);
    void see_gone(const instance_state& of, const look_time& at);
    void see(const instance_state& of, const task_state& task, const look_time& at);
    void add(const instance_state& of, const std::string& task, condition worst,
             std::optional<timestamp> since);
    void sort_groups();

    std::size_t most_;
    fleet_cursor walk_;
    bool all_seen_ = false;
    std::map<group_key, failing_group> failing_;
    std::vector<failing_group> groups_;
    std::size_t other_groups_ = 0;
    std::optional<instance_key> last_entered_;
    sorted_window<candidate, in_order> found_;
};

/// What is wrong in one sentence, or that nothing is and how fresh that is.
std::string headline(const fleet_totals& sum, timestamp now, language in = language::english);

} // namespace replmond::web
