#include "daemon/config/read_instances.hpp"

#include "daemon/config/ranges.hpp"
#include "daemon/config/read_words.hpp"
#include "daemon/model/instance_id.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace replmond::config {
namespace {

std::optional<std::string> read_id(const yaml_place& place) {
    auto id = place.text();
    if (!id || is_instance_id(*id))
        return id;
    place.complain_expected("36 letters and digits");
    return std::nullopt;
}

class instance_reader {
public:
    instance_reader(const poll_settings& defaults, const std::vector<project_settings>& projects)
        : defaults_(defaults), projects_(projects) {}

    instance_settings read(const yaml_place& place) {
        const yaml_map map(place, {"name", "id", "project", "interval", "timeout", "page_size", "labels"});
        instance_settings instance;
        if (!place.is_map())
            return instance;

        if (const yaml_place* id = map.require("id"))
            instance.id = read_id(*id).value_or("");
        instance.name = instance.id;
        if (const yaml_place* name = map.value("name"))
            instance.name = read_name(*name).value_or("");
        instance.project = read_project(map).value_or("");

        instance.interval = defaults_.interval;
        instance.timeout = defaults_.timeout;
        instance.page_size = defaults_.page_size;
        read_into(map, "interval", ranges::interval, instance.interval);
        read_into(map, "timeout", ranges::timeout, instance.timeout);
        read_into(map, "page_size", ranges::page_size, instance.page_size);
        if (const yaml_place* labels = map.section("labels"))
            instance.labels = read_labels(*labels);

        check_unique(map, instance);
        return instance;
    }

private:
    std::optional<std::string> read_project(const yaml_map& map) const {
        const yaml_place* place = map.value("project");
        if (place == nullptr) {
            if (projects_.size() == 1)
                return projects_.front().name;
            map.place().complain(projects_.empty()
                                     ? "needs a project, and none is configured under projects"
                                     : "\"project\" is required where there is more than one project");
            return std::nullopt;
        }
        auto name = read_name(*place);
        if (!name || find_project(*name) != nullptr)
            return name;
        // a project whose own name is wrong may be the one that is meant
        if (find_project("") != nullptr)
            return std::nullopt;
        std::vector<std::string_view> names;
        for (const project_settings& project : projects_)
            names.push_back(project.name);
        place->complain_unknown("the name of a project that is configured under projects", names);
        return std::nullopt;
    }

    const project_settings* find_project(std::string_view name) const {
        const auto found = std::find_if(projects_.begin(), projects_.end(),
                                        [&](const auto& project) { return project.name == name; });
        return found == projects_.end() ? nullptr : &*found;
    }

    void check_unique(const yaml_map& map, const instance_settings& instance) {
        const yaml_entry* name = map.find("name");
        const yaml_entry* id = map.find("id");
        const yaml_entry* named_by = name != nullptr ? name : id;
        if (named_by != nullptr && !instance.name.empty())
            check_first(by_name_, instance.name, *named_by,
                        fmt::format("name {} is taken", config::quoted(instance.name)));
        if (id != nullptr && !instance.id.empty() && !instance.project.empty())
            check_first(by_id_, scope(instance.project) + ' ' + instance.id, *id,
                        "this id is polled already");
    }

    // State is kept by project_id: two projects that share one would share the instance's state too.
    std::string scope(const std::string& name) const {
        const project_settings* project = find_project(name);
        return project != nullptr && project->project_id ? "id " + *project->project_id : "name " + name;
    }

    static void check_first(std::map<std::string, int>& line_of, const std::string& key,
                            const yaml_entry& entry, std::string_view mistake) {
        const auto [first, is_new] = line_of.try_emplace(key, entry.value.at().line);
        if (!is_new)
            entry.value.complain(fmt::format("{} by the instance on line {}", mistake, first->second));
    }

    const poll_settings& defaults_;
    const std::vector<project_settings>& projects_;
    std::map<std::string, int> by_name_;
    std::map<std::string, int> by_id_;
};

} // namespace

std::vector<instance_settings> read_instances(const yaml_place& place, const poll_settings& defaults,
                                              const std::vector<project_settings>& projects) {
    instance_reader reader(defaults, projects);
    std::vector<instance_settings> instances;
    for (const yaml_place& item : place.items())
        instances.push_back(reader.read(item));
    return instances;
}

} // namespace replmond::config
