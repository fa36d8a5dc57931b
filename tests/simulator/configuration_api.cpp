// The configuration of one task: the only call that tells why a task is broken.
#include "tests/simulator/errors.hpp"
#include "tests/simulator/parameters.hpp"
#include "tests/simulator/replication_api.hpp"

#include <boost/json/array.hpp>

#include <algorithm>

namespace json = boost::json;
using replmond::testing::script;

namespace replmond::simulator {
namespace {

// Clients and documents do not agree on the names in here.
json::object database_info(const listed_task& task, bool camel_case) {
    json::array checks;
    checks.push_back(
        {{"param_name", "binlog_expire_logs_seconds"}, {"value", "86400"}, {"check_result", "success"}});
    return {{camel_case ? "databaseName" : "database_name", task.source_database},
            {camel_case ? "dbCfgCheckResults" : "db_config_check_results", std::move(checks)}};
}

json::object configuration_of(const world& tasks, const instance_spec& instance, const listed_task& task,
                              bool chinese) {
    const std::string& why =
        chinese && !task.now.error_msg_zh.empty() ? task.now.error_msg_zh : task.now.error_msg;
    json::array tables;
    tables.push_back({{"table_name", "orders"},
                      {"table_config", ""},
                      {"check_result", task.now.alter_error.empty() ? "success" : "failed"}});
    const json::object scope{
        {"repl_type", "include_tables"}, {"repl_scope", "all"}, {"tables", json::array()}};
    const auto* owner = tasks.owner_of(instance.id);
    return {{"source_instance_id", owner ? owner->id : ""},
            {"source_node_id", ""},
            {"database_info", database_info(task, instance.quirks.camel_case)},
            {"table_infos", std::move(tables)},
            {"table_repl_config", scope},
            {"new_table_repl_config", scope},
            {"target_database_name", task.target_database},
            {"is_tables_change", false},
            {"is_instance_level_sync", "false"},
            {"database_repl_scope", "part"},
            {"is_support_reg_exp", "false"},
            {"error_msg", why},
            {"last_error_of_alter_table", task.now.alter_error}};
}

} // namespace

script show_configuration(const cloud& all, const instance_spec& instance, const call& now) {
    const auto name = now.asked.parameter("task_name");
    const std::string& database = now.target.database;
    if (database.empty() && (!name || name->empty()))
        return service_error(400, "DBS.280001", "Parameter error: task_name.");
    const auto tasks = all.tasks.list(instance, now.at.now);
    const auto found = std::find_if(tasks.begin(), tasks.end(), [&](const listed_task& task) {
        return database.empty() ? task.name == *name : task.target_database == database;
    });
    if (found == tasks.end())
        return service_error(400, "DBS.270022", "The synchronization task does not exist.");
    return json_answer(200, configuration_of(all.tasks, instance, *found, wants_chinese(now.asked)));
}

} // namespace replmond::simulator
