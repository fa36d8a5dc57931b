// Control over database servers.
#include "tests/simulator/control_handlers.hpp"
#include "tests/simulator/json_fields.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>

namespace json = boost::json;
using replmond::testing::request;
using replmond::testing::script;

namespace replmond::simulator {
namespace {

constexpr std::int64_t longest_lag = 315'360'000; // ten years, in seconds

// Which settings an order is about.
struct mysql_target {
    std::string instance;
    std::string taurusdb;
    std::string task;
};

bool has_task(const cloud& all, const instance_spec* instance, const std::string& name) {
    if (!instance)
        return false;
    const auto tasks = all.tasks.replications(*instance);
    return std::any_of(tasks.begin(), tasks.end(), [&](const replicated_task& r) { return r.task == name; });
}

std::string mistake_in(const cloud& all, const mysql_target& target) {
    if (!all.mysql.spec)
        return "the scenario has no 'mysql'";
    if (target.instance.empty() == target.taurusdb.empty())
        return "either 'instance' or 'taurusdb' is needed";
    const auto* instance = all.tasks.find_instance(target.instance);
    const auto* owner = all.tasks.find_taurusdb(target.taurusdb);
    if (!target.instance.empty() && !instance)
        return "no instance has the id '" + target.instance + "'";
    if (!target.taurusdb.empty() && !owner)
        return "no TaurusDB instance has the id '" + target.taurusdb + "'";
    bool known = target.task.empty() || has_task(all, instance, target.task);
    for (const auto& owned : owner ? owner->htap : std::vector<htap_spec>{})
        known = known || has_task(all, all.tasks.find_instance(owned.id), target.task);
    return known ? "" : "it has no task '" + target.task + "'";
}

void read_settings(json_fields& fields, mysql_settings& changed, const instant& at) {
    std::optional<double> lag;
    if (changed.lag)
        lag = std::chrono::duration<double>(*changed.lag).count();
    bool stop = changed.stopped.has_value();
    fields.read("lag_seconds", lag);
    fields.read("heartbeat", changed.heartbeat);
    fields.read("stop_writer", stop);
    fields.read("drop_table", changed.dropped);
    fields.read("rows", changed.rows, 0, 1000);
    fields.read("null", changed.null);
    fields.read("password", changed.password);

    changed.lag.reset();
    if (lag)
        changed.lag = std::chrono::microseconds(static_cast<std::int64_t>(*lag * 1e6));
    if (!stop)
        changed.stopped.reset();
    else if (!changed.stopped)
        changed.stopped = at.real;
}

std::string mistake_in(const mysql_target& target, const mysql_settings& changed) {
    if (changed.lag &&
        (*changed.lag < std::chrono::seconds(0) || *changed.lag > std::chrono::seconds(longest_lag)))
        return "'lag_seconds' must be from 0 to " + std::to_string(longest_lag);
    if (changed.lag && target.instance.empty())
        return "'lag_seconds' belongs to an 'instance'";
    if (changed.password && !target.task.empty())
        return "'password' belongs to a server, not to a 'task'";
    if (changed.fault && !target.task.empty() && changed.fault->phase != mysql_phase::query)
        return "with 'task' there are faults of queries only";
    return {};
}

} // namespace

// {"instance": ID | "taurusdb": ID, "task": NAME, "reset": true, and what is in mysql_settings}
script post_mysql(cloud& all, const request& asked, const instant& at) {
    const json::value parsed = json::parse(asked.body);
    const json::object& given = parsed.as_object();
    json_fields fields(given);
    mysql_target target;
    bool reset = false;
    fields.read("instance", target.instance);
    fields.read("taurusdb", target.taurusdb);
    fields.read("task", target.task);
    fields.read("reset", reset);
    if (const auto wrong = mistake_in(all, target); !wrong.empty())
        return mistake(wrong);

    const std::string& server = target.instance.empty() ? target.taurusdb : target.instance;
    const auto* known = all.mysql.find_settings(server, target.task);
    mysql_settings changed = known && !reset ? *known : mysql_settings{};
    read_settings(fields, changed, at);
    std::string wrong_fault;
    auto fault = read_mysql_fault(fields, wrong_fault);
    if (given.contains("fault"))
        changed.fault = std::move(fault);
    if (const auto wrong = fields.mistake(); !wrong.empty())
        return mistake(wrong);
    if (!wrong_fault.empty())
        return mistake(wrong_fault);
    if (const auto wrong = mistake_in(target, changed); !wrong.empty())
        return mistake(wrong);
    all.mysql.settings[{server, target.task}] = std::move(changed);
    return done();
}

script delete_mysql(cloud& all, const request&, const instant&) {
    all.mysql.settings.clear();
    return done();
}

} // namespace replmond::simulator
