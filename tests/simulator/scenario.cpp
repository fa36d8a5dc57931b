#include "tests/simulator/scenario.hpp"

#include <fmt/format.h>

#include <fstream>
#include <sstream>

namespace replmond::simulator {
namespace {

std::shared_ptr<const wire_form> read_wire(const mapping& owner, std::shared_ptr<const wire_form> otherwise) {
    if (!owner.has("wire"))
        return otherwise;
    const std::string name = owner.text("wire");
    auto form = wire_form_named(name);
    if (!form)
        owner.refuse("wire", fmt::format("must be strings, numbers or mixed, not '{}'", name));
    return form;
}

task_spec read_task(const mapping& given) {
    task_spec task;
    task.name = given.text("name");
    task.source_database = given.text_or("source_database", task.name);
    task.target_database = given.text_or("target_database", task.name);
    task.main = given.boolean_or("main", true);
    task.defined = given.boolean_or("defined", false);
    task.begins_at = given.duration_or("start_after", virtual_time{0});
    task.course = read_timeline(given);
    read_lag(given, task);
    return task;
}

instance_spec read_instance(const mapping& given, const scenario& so_far,
                            const std::shared_ptr<const wire_form>& usual_wire) {
    instance_spec instance;
    instance.id = given.text("id");
    instance.name = given.text_or("name", instance.id);
    instance.project = read_project(given, so_far.access.projects);
    instance.wire = read_wire(given, usual_wire);
    if (given.has("max_page"))
        instance.max_page = static_cast<std::size_t>(given.integer("max_page", 1, 100));
    instance.address = read_address(given);
    instance.quirks = read_quirks(given);
    if (!given.has("tasks"))
        return instance;

    std::set<std::string> names;
    for (const auto& node : given.list("tasks")) {
        const mapping task(given.file(), node, "a task",
                           {"name", "source_database", "target_database", "main", "defined", "start_after",
                            "timeline", "repeat", "lag", "heartbeat"});
        instance.tasks.push_back(read_task(task));
        if (!names.insert(instance.tasks.back().name).second)
            task.refuse("name", "is taken by another task of this instance");
    }
    return instance;
}

job_course read_jobs(const mapping& root) {
    job_course course;
    if (!root.has("jobs"))
        return course;
    const mapping given(root.file(), root.at("jobs"), "jobs", {"hidden_for", "pending_for", "running_for"});
    course.hidden = given.duration_or("hidden_for", course.hidden);
    course.pending = given.duration_or("pending_for", course.pending);
    course.running = given.duration_or("running_for", course.running);
    return course;
}

// So many TaurusDB instances, which own the generated ones in turn.
void distribute(const mapping& given, const std::string& project, scenario& result) {
    const auto owners = static_cast<std::size_t>(given.integer("taurusdb", 1, 10'000));
    const auto instances = static_cast<std::size_t>(given.integer("instances", 1, 100'000));
    const std::size_t first = result.instances.size() - instances;
    for (std::size_t i = 0; i < owners; ++i) {
        taurusdb_spec owner;
        owner.name = fmt::format("{}-taurusdb-{:03}", given.text_or("name", "generated"), i + 1);
        owner.id = fmt::format("{:032x}in07", i + 1);
        owner.project = project;
        for (std::size_t k = i; k < instances; k += owners) {
            const auto& owned = result.instances[first + k];
            htap_spec shown;
            shown.id = owned.id;
            shown.name = owned.name;
            owner.htap.push_back(std::move(shown));
        }
        result.taurusdb.push_back(std::move(owner));
    }
}

// `generate`: many alike instances. Each task is some steps further in the same timeline than the one before,
// so that they do not all change at once.
void generate(const mapping& given, scenario& result, const std::shared_ptr<const wire_form>& usual_wire) {
    const auto instances = given.integer("instances", 1, 100'000);
    const auto tasks = given.integer("tasks", 0, 10'000);
    const std::string name = given.text_or("name", "generated");
    const virtual_time stagger = given.duration_or("stagger", virtual_time{0});
    const auto course = read_timeline(given);

    instance_spec instance;
    instance.project = read_project(given, result.access.projects);
    instance.wire = read_wire(given, usual_wire);
    std::int64_t ordinal = 0;
    for (std::int64_t i = 1; i <= instances; ++i) {
        instance.name = fmt::format("{}-{:04}", name, i);
        instance.id = fmt::format("{:032x}in17", i);
        instance.tasks.clear();
        for (std::int64_t t = 1; t <= tasks; ++t) {
            task_spec task;
            task.name = fmt::format("task_{:03}", t);
            task.source_database = fmt::format("source_{:03}", t);
            task.target_database = fmt::format("target_{:03}", t);
            task.begins_at = -stagger * ordinal++;
            task.course = course;
            instance.tasks.push_back(std::move(task));
        }
        result.instances.push_back(instance);
    }
    if (given.has("taurusdb"))
        distribute(given, instance.project, result);
}

void refuse_shared_ids(const scenario& result, const mapping& root) {
    std::set<std::string> ids;
    for (const auto& instance : result.instances) {
        if (!ids.insert(instance.id).second)
            root.refuse(fmt::format("two instances have the id '{}'", instance.id));
    }
    for (const auto& owner : result.taurusdb) {
        if (!ids.insert(owner.id).second)
            root.refuse(fmt::format("two instances have the id '{}'", owner.id));
    }
}

// A connection's address tells whose it is.
void refuse_shared_addresses(const scenario& result, const mapping& root) {
    std::set<std::string> addresses;
    const auto refuse_known = [&](const std::string& address) {
        if (!address.empty() && !addresses.insert(address).second)
            root.refuse(fmt::format("two instances have the address '{}'", address));
    };
    for (const auto& instance : result.instances)
        refuse_known(instance.address);
    for (const auto& owner : result.taurusdb)
        refuse_known(owner.address);
}

} // namespace

scenario read_scenario(const std::string& yaml, const std::string& file) try {
    const YAML::Node document = YAML::Load(yaml);
    const mapping root(file, document, "a scenario",
                       {"tokens", "keys", "users", "projects", "token_lifetime", "password_lock", "rate",
                        "metadata", "pod_identity", "identity_providers", "jobs", "wire", "instances",
                        "generate", "taurusdb", "inventory", "mysql"});
    scenario result;
    result.access = read_access(root);
    result.jobs = read_jobs(root);

    const auto usual_wire = read_wire(root, wire_form_named("strings"));
    if (root.has("instances")) {
        for (const auto& node : root.list("instances")) {
            const mapping given(file, node, "an instance",
                                {"name", "id", "project", "wire", "max_page", "total_count_means",
                                 "ignore_offset", "move_rows", "busy", "camel_case", "deleted", "twice",
                                 "ext_text", "address", "tasks"});
            result.instances.push_back(read_instance(given, result, usual_wire));
        }
    }
    if (root.has("generate")) {
        const mapping given(
            file, root.at("generate"), "generate",
            {"instances", "tasks", "taurusdb", "name", "project", "wire", "stagger", "timeline", "repeat"});
        generate(given, result, usual_wire);
    }
    if (root.has("taurusdb")) {
        for (auto& owner : read_taurusdb(root, result))
            result.taurusdb.push_back(std::move(owner));
    }
    result.inventory = read_inventory(root);
    result.mysql = read_mysql(root);
    refuse_shared_ids(result, root);
    refuse_shared_addresses(result, root);
    return result;
} catch (const YAML::Exception& e) {
    throw scenario_error(fmt::format("{}:{}:{}: {}", file, e.mark.line + 1, e.mark.column + 1, e.msg));
}

scenario load_scenario(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    std::ostringstream text;
    if (in)
        text << in.rdbuf();
    if (!in)
        throw scenario_error(path + ": cannot be read");
    return read_scenario(text.str(), path);
}

} // namespace replmond::simulator
