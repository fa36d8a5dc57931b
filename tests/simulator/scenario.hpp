#pragma once

#include "tests/simulator/timeline.hpp"
#include "tests/simulator/yaml_reader.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace replmond::simulator {

/// How the list API writes its values; README.md shows each.
enum class wire_form {
    strings, // numbers and booleans as strings, stages capitalised
    numbers, // JSON numbers and booleans, stages in lower case
    mixed,   // another one for every record: null, absent, `42.5%`, unknown fields
};

struct task_spec {
    std::string name;
    std::string source_database;
    std::string target_database;
    bool main = true;
    bool defined = false;      // listed as waiting until the create API starts its timeline
    virtual_time begins_at{0}; // when its timeline begins; negative: it has begun before the simulator
    std::shared_ptr<const timeline> course;
};

struct instance_spec {
    std::string name;
    std::string id;
    std::string project;
    wire_form wire = wire_form::strings;
    std::optional<std::size_t> max_page; // serves no more records a page than this
    std::vector<task_spec> tasks;
};

/// A cloud as a scenario file describes it. Ids are unique, task names unique within their instance.
struct scenario {
    std::set<std::string, std::less<>> tokens;
    std::vector<std::string> projects;
    std::vector<instance_spec> instances;
};

/// Reads a scenario; throws scenario_error at its first mistake. `file` is only for messages.
scenario read_scenario(const std::string& yaml, const std::string& file);

/// The same from a file; one that cannot be read is a scenario_error too.
scenario load_scenario(const std::string& path);

/// A timeline from its `timeline` list and the `repeat` flag beside it; for ever incremental where there is
/// none.
std::shared_ptr<const timeline> read_timeline(const mapping& owner);

} // namespace replmond::simulator
