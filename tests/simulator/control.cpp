#include "tests/simulator/control.hpp"

#include "tests/simulator/errors.hpp"
#include "tests/simulator/json_fields.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>

#include <array>

namespace json = boost::json;
using replmond::testing::request;
using replmond::testing::script;

namespace replmond::simulator {
namespace {

script mistake(std::string_view text) {
    return json_answer(400, {{"error", text}});
}

script done() {
    return json_answer(200, {{"status", "ok"}});
}

double seconds(virtual_time time) {
    return static_cast<double>(time.count()) / 1000;
}

json::object shown(const listed_task& task) {
    json::object state{{"task_name", task.name},
                       {"source_database", task.source_database},
                       {"target_database", task.target_database},
                       {"main", task.main},
                       {"stage", task.now.stage},
                       {"status", task.now.status},
                       {"percentage", task.now.percentage},
                       {"need_repair", task.now.need_repair}};
    if (task.now.catchup_stage) {
        state["catchup_stage"] = *task.now.catchup_stage;
        state["catchup_percentage"] = task.now.catchup_percentage;
    }
    if (!task.raw.empty())
        state["raw"] = task.raw;
    return state;
}

script get_state(cloud& all, const request&, virtual_time now) {
    json::array instances;
    for (const auto& instance : all.tasks.instances()) {
        json::array tasks;
        for (const auto& task : all.tasks.list(instance, now))
            tasks.push_back(shown(task));
        instances.push_back({{"name", instance.name},
                             {"id", instance.id},
                             {"project", instance.project},
                             {"tasks", std::move(tasks)}});
    }
    return json_answer(
        200, {{"now", seconds(now)}, {"instances", std::move(instances)}, {"faults", all.faults.to_json()}});
}

std::string read_set(const json::object& given, overrides& changes) {
    json_fields fields(given);
    fields.read("source_database", changes.source_database);
    fields.read("target_database", changes.target_database);
    fields.read("main", changes.main);
    fields.read("stage", changes.stage);
    fields.read("status", changes.status);
    fields.read("percentage", changes.percentage);
    fields.read("need_repair", changes.need_repair);
    fields.read("catchup_stage", changes.catchup_stage);
    fields.read("catchup_percentage", changes.catchup_percentage);
    if (const auto* raw = fields.read_object("raw"))
        changes.raw = *raw;
    return fields.mistake();
}

script post_tasks(cloud& all, const request& asked, virtual_time) {
    const json::value parsed = json::parse(asked.body);
    json_fields fields(parsed.as_object());
    std::string id;
    std::string name;
    bool remove = false;
    bool add = false;
    bool reset = false;
    fields.read("instance", id);
    fields.read("task_name", name);
    fields.read("remove", remove);
    fields.read("add", add);
    fields.read("reset", reset);
    const auto* set = fields.read_object("set");
    if (const auto wrong = fields.mistake(); !wrong.empty())
        return mistake(wrong);
    if (remove && add)
        return mistake("'remove' and 'add' exclude each other");

    const auto* instance = all.tasks.find_instance(id);
    if (!instance)
        return mistake("no instance has the id '" + id + "'");
    auto* found = all.tasks.find_overrides(*instance, name);
    if (!found && (!add || name.empty()))
        return mistake("the instance has no task '" + name + "'");

    // Everything is checked before anything is changed.
    overrides changes = found && !reset ? *found : overrides{};
    if (remove)
        changes.listed = overrides::presence::hidden;
    if (add)
        changes.listed = overrides::presence::shown;
    if (set) {
        if (const auto wrong = read_set(*set, changes); !wrong.empty())
            return mistake(wrong);
    }
    if (!found)
        found = &all.tasks.add_task(*instance, name);
    *found = std::move(changes);
    return done();
}

script post_advance(cloud& all, const request& asked, virtual_time now) {
    const json::value parsed = json::parse(asked.body);
    json_fields fields(parsed.as_object());
    std::optional<double> count;
    fields.read("seconds", count);
    if (const auto wrong = fields.mistake(); !wrong.empty())
        return mistake(wrong);
    if (!count || *count < 0 || *count > 1e9)
        return mistake("'seconds' must be a number from 0 to 1e9");
    const virtual_time step{static_cast<virtual_time::rep>(*count * 1000)};
    all.advanced += step;
    return json_answer(200, {{"now", seconds(now + step)}});
}

script post_faults(cloud& all, const request& asked, virtual_time) {
    const json::value parsed = json::parse(asked.body);
    std::string wrong;
    auto rule = read_fault(parsed.as_object(), wrong);
    if (!rule)
        return mistake(wrong);
    if (rule->instance != "*" && !all.tasks.find_instance(rule->instance))
        return mistake("no instance has the id '" + rule->instance + "'");
    all.faults.add(std::move(*rule));
    return done();
}

script delete_faults(cloud& all, const request&, virtual_time) {
    all.faults.clear();
    return done();
}

script get_requests(cloud& all, const request&, virtual_time) {
    return json_answer(200, {{"requests", all.requests.to_json()}});
}

script delete_requests(cloud& all, const request&, virtual_time) {
    all.requests.clear();
    return done();
}

struct entry {
    std::string_view method;
    std::string_view path;
    script (*answer)(cloud&, const request&, virtual_time);
};

constexpr std::array<entry, 7> table{{{"GET", "/_control/state", get_state},
                                      {"POST", "/_control/tasks", post_tasks},
                                      {"POST", "/_control/advance", post_advance},
                                      {"POST", "/_control/faults", post_faults},
                                      {"DELETE", "/_control/faults", delete_faults},
                                      {"GET", "/_control/requests", get_requests},
                                      {"DELETE", "/_control/requests", delete_requests}}};

} // namespace

script answer_control(cloud& all, const request& asked, virtual_time now) try {
    bool known_path = false;
    for (const auto& [method, path, answer] : table) {
        if (path == asked.path && method == asked.method)
            return answer(all, asked, now);
        known_path = known_path || path == asked.path;
    }
    return json_answer(known_path ? 405 : 404,
                       {{"error", known_path ? "method not allowed" : "no such path"}});
} catch (const std::exception&) {
    // Only reading the body throws, and it comes before any change.
    return mistake("the body must be a JSON object");
}

} // namespace replmond::simulator
