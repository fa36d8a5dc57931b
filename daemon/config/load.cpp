#include "daemon/config/load.hpp"

#include "daemon/config/ranges.hpp"
#include "daemon/config/read_instances.hpp"
#include "daemon/config/read_project.hpp"
#include "daemon/config/yaml_reader.hpp"
#include "daemon/config/yaml_tree.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <utility>

namespace replmond::config {
namespace {

constexpr integer_range concurrency{1, 1024};
constexpr duration_range stale_after{"0s", "30d", "15m"};
constexpr duration_range repeat_interval{"1s", "30d", "1h"};
constexpr duration_range retention{"1h", "3650d", "30d"};

poll_settings read_poll(const yaml_place& place) {
    const yaml_map map(place, {"interval", "timeout", "page_size", "concurrency", "stale_after"});
    poll_settings poll;
    read_into(map, "interval", ranges::interval, poll.interval);
    read_into(map, "timeout", ranges::timeout, poll.timeout);
    read_into(map, "page_size", ranges::page_size, poll.page_size);
    read_into(map, "concurrency", concurrency, poll.concurrency);
    read_into(map, "stale_after", stale_after, poll.stale_after);
    return poll;
}

alert_settings read_alerts(const yaml_place& place) {
    const yaml_map map(place, {"repeat_interval"});
    alert_settings alerts;
    read_into(map, "repeat_interval", repeat_interval, alerts.repeat_interval);
    return alerts;
}

state_settings read_state(const yaml_place& place, const lookup& from) {
    const yaml_map map(place, {"path", "retention"});
    state_settings state;
    read_into(map, "retention", retention, state.retention);
    if (const yaml_place* path = map.value("path")) {
        const std::string given = path->text().value_or("");
        state.path = given.empty() ? "" : beside_config(given, from);
        if (path->says(""))
            path->complain("expected the path of a file; leave the key out to keep state in memory only");
    }
    return state;
}

settings read_settings(const yaml_place& root, const lookup& from) {
    const yaml_map map(root, {"poll", "alerts", "state", "projects", "instances"});
    settings all;
    all.directory = from.directory;
    if (const yaml_place* poll = map.section("poll"))
        all.poll = read_poll(*poll);
    if (const yaml_place* alerts = map.section("alerts"))
        all.alerts = read_alerts(*alerts);
    if (const yaml_place* state = map.section("state"))
        all.state = read_state(*state, from);
    if (const yaml_place* projects = map.section("projects"))
        all.projects = read_projects(*projects, from);
    // after what they refer to
    if (const yaml_place* instances = map.section("instances"))
        all.instances = read_instances(*instances, all.poll, all.projects);
    return all;
}

void warn_of_idleness(const settings& all, std::vector<std::string>& warnings) {
    const bool discovers = std::any_of(all.projects.begin(), all.projects.end(),
                                       [](const auto& project) { return project.discover; });
    if (all.projects.empty())
        warnings.emplace_back("no projects are configured: nothing is polled");
    else if (all.instances.empty() && !discovers)
        warnings.emplace_back("no instances are configured and no project discovers any: nothing is polled");
}

void warn_of_twins(const settings& all, std::vector<std::string>& warnings) {
    std::map<std::string, std::string> first; // name by id
    for (const project_settings& project : all.projects) {
        if (!project.project_id)
            continue;
        const auto [known, is_new] = first.try_emplace(*project.project_id, project.name);
        if (!is_new)
            warnings.push_back(
                fmt::format("projects {} and {} have the same project_id: an instance of both is "
                            "polled once, by the entry that configures it; keep one of the entries",
                            known->second, project.name));
    }
}

} // namespace

std::vector<std::string> messages(const load_outcome& outcome) {
    std::vector<std::string> lines;
    for (const problem& each : outcome.problems)
        lines.push_back(to_string(outcome.file, each));
    return lines;
}

load_outcome load_text(std::string_view text, std::string file, const lookup& from) {
    load_outcome outcome;
    outcome.file = std::move(file);

    yaml_outcome yaml = parse_yaml(text);
    findings found;
    found.problems = std::move(yaml.problems);
    settings all;
    all.directory = from.directory;
    outcome.is_empty = yaml.root == nullptr || yaml.root->what == yaml_node::kind::null;
    if (!outcome.is_empty)
        all = read_settings(yaml_place(yaml.root, yaml.root->at, "", found), from);

    outcome.problems = std::move(found.problems);
    sort_problems(outcome.problems);
    if (!outcome.problems.empty())
        return outcome;
    outcome.warnings = std::move(found.warnings);
    warn_of_idleness(all, outcome.warnings);
    warn_of_twins(all, outcome.warnings);
    outcome.loaded = std::move(all);
    return outcome;
}

load_outcome load_file(const std::string& path, lookup from) {
    from.directory = std::filesystem::path(path).parent_path().string();
    if (from.directory.empty())
        from.directory = ".";
    const file_outcome read = from.read_at_start ? from.read_at_start(path) : from.read_file(path);
    if (!read.error)
        return load_text(read.content, path, from);

    load_outcome outcome;
    outcome.file = path;
    outcome.problems.push_back({0, 0, "cannot be read: " + read.error.message()});
    return outcome;
}

} // namespace replmond::config
