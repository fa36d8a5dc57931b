#pragma once

#include "tests/simulator/scenario.hpp"
#include "tests/simulator/timeline.hpp"

#include <boost/json/object.hpp>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace replmond::simulator {

/// What control says of a task, stronger than its timeline.
struct overrides {
    enum class presence { by_timeline, hidden, shown };

    presence listed = presence::by_timeline;
    std::optional<std::string> source_database;
    std::optional<std::string> target_database;
    std::optional<bool> main;
    std::optional<std::string> stage;
    std::optional<std::string> status;
    std::optional<double> percentage;
    std::optional<bool> need_repair;
    std::optional<std::string> catchup_stage;
    std::optional<double> catchup_percentage;
    std::optional<std::string> error_msg;
    std::optional<std::string> alter_error;
    boost::json::object raw; // laid over the record on the wire as it is
};

/// One task as the list API shows it, before it is written in a wire form.
struct listed_task {
    std::size_t ordinal = 0; // its place in the scenario: does not change when others vanish
    std::string name;
    std::string source_database;
    std::string target_database;
    bool main = true;
    moment now;
    boost::json::object raw;
};

/// What a task replicates, whether it is listed or not.
struct replicated_task {
    std::size_t ordinal = 0;
    std::string task;
    std::string source_database;
    std::string target_database;
    bool main = true;
    std::optional<std::string> heartbeat; // as in task_spec
};

/// How a task follows its source.
struct following {
    bool active = false;               // in stage incremental
    std::optional<virtual_time> until; // the latest moment in which it was, where its timeline tells
    std::chrono::milliseconds lag{0};
};

/// What a create request asks for.
struct creation {
    std::string task_name;
    std::string source_database;
    std::string target_database;
};

/// How a request to change a task ends.
enum class change_result {
    done,
    unknown_task,    // not defined here, or gone
    other_databases, // defined, but between other databases
    wrong_state,     // it runs already, or is not paused
};

/// All instances and tasks as a function of virtual time and of the commands given so far. Knows no clock.
class world {
public:
    explicit world(scenario description);

    const std::vector<instance_spec>& instances() const { return description_.instances; }
    const std::vector<taurusdb_spec>& taurusdb() const { return description_.taurusdb; }

    /// Null where there is none.
    const instance_spec* find_instance(std::string_view id) const;
    const taurusdb_spec* find_taurusdb(std::string_view id) const;
    const taurusdb_spec* owner_of(std::string_view htap_id) const;

    /// The same, to change its name or its quirks.
    instance_spec* find_instance(std::string_view id);
    taurusdb_spec* find_taurusdb(std::string_view id);
    taurusdb_spec& add_taurusdb(std::string_view id, std::string_view project);

    /// How the list of TaurusDB instances is served; to be read and changed.
    inventory_quirks& inventory() { return description_.inventory; }

    /// What `instance`, one of ours, lists at `now`, in the scenario's order.
    std::vector<listed_task> list(const instance_spec& instance, virtual_time now) const;

    /// All tasks of an instance, and how one of them follows.
    std::vector<replicated_task> replications(const instance_spec& instance) const;
    following follows(const instance_spec& instance, std::size_t ordinal, virtual_time now) const;

    /// The create API: begins the work of a task that is defined, or waits, and forgets overrides in its way.
    change_result start(const instance_spec& instance, const creation& wanted, virtual_time now);

    /// Stops the timeline of a task that copies or follows, until resume() lets it go on from there.
    change_result pause(const instance_spec& instance, std::string_view task_name, virtual_time now);
    change_result resume(const instance_spec& instance, std::string_view task_name, virtual_time now);

    /// The delete API: the task is listed no more, unless control adds it again.
    change_result remove(const instance_spec& instance, std::string_view task_name, virtual_time now);

    /// The overrides of a task, to be changed; null where the instance has no such task.
    overrides* find_overrides(const instance_spec& instance, std::string_view task_name);

    /// Adds a task that is incremental for ever, behind all others, and gives its overrides.
    overrides& add_task(const instance_spec& instance, std::string_view task_name);

private:
    struct task {
        task_spec spec;
        std::optional<virtual_time> origin; // when its timeline began; none: defined and not started
        std::optional<virtual_time> paused; // since when
        overrides changes;
    };

    static std::optional<moment> state_of(const task& t, virtual_time now);
    std::vector<task>& tasks_of(const instance_spec& instance);
    task* find_task(const instance_spec& instance, std::string_view name);

    scenario description_;
    std::map<std::string, std::size_t, std::less<>>
        place_; // of an instance id in description_.instances and tasks_
    std::vector<std::vector<task>> tasks_;
};

} // namespace replmond::simulator
