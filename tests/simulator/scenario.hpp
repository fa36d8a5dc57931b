#pragma once

#include "tests/simulator/access_spec.hpp"
#include "tests/simulator/inventory_spec.hpp"
#include "tests/simulator/mysql_spec.hpp"
#include "tests/simulator/timeline.hpp"
#include "tests/simulator/wire_form.hpp"
#include "tests/simulator/yaml_reader.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace replmond::simulator {

/// Where an instance differs from a well-behaved one. Control can change all of it.
struct instance_quirks {
    total_count total = total_count::records;
    bool ignore_offset = false;          // every page is the first
    std::int64_t move_rows = 0;          // with every list request the rows move on by so many places
    std::optional<std::string> busy;     // the code of 409 with which whatever would change a task is refused
    bool camel_case = false;             // names in the configuration's database_info: databaseName
    bool deleted = false;                // neither listed nor known
    std::optional<std::string> twice;    // the task that is listed again at the end, as normal
    std::optional<std::string> ext_text; // of the list
};

/// What a page after the last record is.
enum class beyond_the_end { empty, repeats, error }; // repeats: the last records again; error: 400

struct task_spec {
    std::string name;
    std::string source_database;
    std::string target_database;
    bool main = true;
    bool defined = false;      // listed as waiting until the create API starts its timeline
    virtual_time begins_at{0}; // when its timeline begins; negative: it has begun before the simulator
    std::shared_ptr<const timeline> course;
    std::chrono::milliseconds lag{0}; // where the step of the timeline does not say
    std::optional<std::string>
        heartbeat; // `DATABASE.TABLE` of its heartbeats, on both sides; default: see mysql_spec
};

struct instance_spec {
    std::string name;
    std::string id;
    std::string project;
    std::shared_ptr<const wire_form> wire = wire_form_named("strings"); // never null
    std::optional<std::size_t> max_page; // serves no more records a page than this
    beyond_the_end beyond = beyond_the_end::empty;
    std::string address; // of its MySQL side, within 127.0.0.0/8; empty: it has none
    instance_quirks quirks;
    std::vector<task_spec> tasks;
};

/// The life of an asynchronous job.
struct job_course {
    virtual_time hidden = std::chrono::seconds(3); // not to be found yet
    virtual_time pending = std::chrono::seconds(2);
    virtual_time running = std::chrono::seconds(10);
};

/// A cloud as a scenario file describes it. Ids are unique, task names unique within their instance.
struct scenario {
    access_spec access;
    job_course jobs;
    std::vector<instance_spec> instances;
    std::vector<taurusdb_spec> taurusdb;
    inventory_quirks inventory;
    std::optional<mysql_spec> mysql; // without: no database servers
};

/// Reads a scenario; throws scenario_error at its first mistake. `file` is only for messages.
scenario read_scenario(const std::string& yaml, const std::string& file);

/// The same from a file; one that cannot be read is a scenario_error too.
scenario load_scenario(const std::string& path);

/// Who may ask, from the root of a scenario.
access_spec read_access(const mapping& root);

/// The project of an instance, which need not be named where there is only one.
std::string read_project(const mapping& owner, const std::vector<project_spec>& projects);

/// The quirks among the keys of an instance.
instance_quirks read_quirks(const mapping& owner);

/// The `taurusdb` list; the StarRocks instances that it owns are among `so_far.instances`.
std::vector<taurusdb_spec> read_taurusdb(const mapping& root, const scenario& so_far);

/// The mapping `inventory` of a scenario.
inventory_quirks read_inventory(const mapping& root);

/// The mapping `mysql` of a scenario.
std::optional<mysql_spec> read_mysql(const mapping& root);

/// The `address` of an instance; empty where it has none.
std::string read_address(const mapping& owner);

/// The `lag` and the `heartbeat` of a task.
void read_lag(const mapping& given, task_spec& task);

/// The `lag` of a step.
std::optional<lag_course> read_step_lag(const mapping& given);

/// A timeline from its `timeline` list and the `repeat` flag beside it; for ever incremental where there is
/// none.
std::shared_ptr<const timeline> read_timeline(const mapping& owner);

} // namespace replmond::simulator
