// What an instance is like beside its tasks, and which TaurusDB instance owns it.
#include "tests/simulator/scenario.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace replmond::simulator {
namespace {

struct named_count {
    total_count which;
    std::string_view name;
};

constexpr std::array<named_count, 5> counts{{{total_count::records, "records"},
                                             {total_count::page, "page"},
                                             {total_count::absent, "absent"},
                                             {total_count::garbage, "garbage"},
                                             {total_count::changing, "changing"}}};

total_count read_total(const mapping& owner) {
    if (!owner.has("total_count_means"))
        return total_count::records;
    const auto which = total_count_named(owner.text("total_count_means"));
    if (!which)
        owner.refuse("total_count_means", "must be records, page, absent, garbage or changing");
    return *which;
}

inventory_course read_course(const mapping& given) {
    inventory_course course;
    course.from = given.duration_or("from", course.from);
    if (given.has("until"))
        course.until = given.duration("until");
    if (given.has("rename_at") != given.has("rename_to"))
        given.refuse("'rename_at' and 'rename_to' need each other");
    if (given.has("rename_at")) {
        course.rename_at = given.duration("rename_at");
        course.rename_to = given.text("rename_to");
    }
    course.deleted = given.boolean_or("deleted", false);
    return course;
}

// An id alone is one of `instances`; a mapping can describe any.
htap_spec read_htap(const mapping& owner, const YAML::Node& item, const scenario& so_far) {
    const auto named_by = [&](const std::string& id) -> const instance_spec* {
        const auto found = std::find_if(so_far.instances.begin(), so_far.instances.end(),
                                        [&](const instance_spec& instance) { return instance.id == id; });
        return found == so_far.instances.end() ? nullptr : &*found;
    };
    htap_spec result;
    if (item.IsScalar()) {
        result.id = item.Scalar();
        const auto* instance = named_by(result.id);
        if (!instance)
            throw scenario_error::at(owner.file(), item,
                                     fmt::format("'{}' is not the id of one of 'instances'", result.id));
        result.name = instance->name;
        return result;
    }
    const mapping given(
        owner.file(), item, "an HTAP instance",
        {"id", "name", "engine", "status", "from", "until", "rename_at", "rename_to", "deleted"});
    result.id = given.text("id");
    const auto* instance = named_by(result.id);
    result.name = given.text_or("name", instance ? instance->name : result.id);
    result.engine = given.text_or("engine", result.engine);
    result.status = given.text_or("status", result.status);
    result.course = read_course(given);
    return result;
}

} // namespace

instance_quirks read_quirks(const mapping& owner) {
    instance_quirks quirks;
    quirks.total = read_total(owner);
    quirks.ignore_offset = owner.boolean_or("ignore_offset", false);
    if (owner.has("move_rows"))
        quirks.move_rows = owner.integer("move_rows", 0, 10'000);
    if (owner.has("busy"))
        quirks.busy = owner.text("busy");
    quirks.camel_case = owner.boolean_or("camel_case", false);
    quirks.deleted = owner.boolean_or("deleted", false);
    if (owner.has("twice"))
        quirks.twice = owner.text("twice");
    if (owner.has("ext_text"))
        quirks.ext_text = owner.text("ext_text");
    return quirks;
}

std::vector<taurusdb_spec> read_taurusdb(const mapping& root, const scenario& so_far) {
    std::vector<taurusdb_spec> owners;
    for (const auto& node : root.list("taurusdb")) {
        const mapping given(root.file(), node, "a TaurusDB instance",
                            {"id", "name", "project", "status", "htap", "from", "until", "rename_at",
                             "rename_to", "deleted", "address"});
        taurusdb_spec owner;
        owner.id = given.text("id");
        owner.name = given.text_or("name", owner.id);
        owner.project = read_project(given, so_far.access.projects);
        owner.status = given.text_or("status", owner.status);
        owner.course = read_course(given);
        owner.address = read_address(given);
        if (given.has("htap")) {
            for (const auto& item : given.list("htap"))
                owner.htap.push_back(read_htap(given, item, so_far));
        }
        owners.push_back(std::move(owner));
    }
    return owners;
}

inventory_quirks read_inventory(const mapping& root) {
    inventory_quirks quirks;
    if (!root.has("inventory"))
        return quirks;
    const mapping given(root.file(), root.at("inventory"), "inventory",
                        {"max_page", "total_count_means", "ignore_offset"});
    if (given.has("max_page"))
        quirks.max_page = static_cast<std::size_t>(given.integer("max_page", 1, 100));
    quirks.total = read_total(given);
    quirks.ignore_offset = given.boolean_or("ignore_offset", false);
    return quirks;
}

std::optional<total_count> total_count_named(std::string_view name) {
    for (const auto& known : counts) {
        if (known.name == name)
            return known.which;
    }
    return std::nullopt;
}

std::string_view name_of(total_count which) {
    for (const auto& known : counts) {
        if (known.which == which)
            return known.name;
    }
    return "records";
}

} // namespace replmond::simulator
