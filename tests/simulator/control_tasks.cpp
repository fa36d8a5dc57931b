// Control over single tasks.
#include "tests/simulator/control_handlers.hpp"
#include "tests/simulator/json_fields.hpp"

#include <boost/json/parse.hpp>

namespace json = boost::json;
using replmond::testing::request;
using replmond::testing::script;

namespace replmond::simulator {
namespace {

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
    fields.read("error_msg", changes.error_msg);
    fields.read("last_error_of_alter_table", changes.alter_error);
    if (const auto* raw = fields.read_object("raw"))
        changes.raw = *raw;
    return fields.mistake();
}

} // namespace

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
    if (!task.now.error_msg.empty())
        state["error_msg"] = task.now.error_msg;
    if (!task.now.alter_error.empty())
        state["last_error_of_alter_table"] = task.now.alter_error;
    if (!task.raw.empty())
        state["raw"] = task.raw;
    return state;
}

script post_tasks(cloud& all, const request& asked, const instant&) {
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

} // namespace replmond::simulator
