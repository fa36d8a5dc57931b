#include "tests/simulator/control.hpp"

#include "tests/simulator/control_handlers.hpp"
#include "tests/simulator/json_fields.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>

#include <array>

namespace json = boost::json;
using replmond::testing::request;
using replmond::testing::script;

namespace replmond::simulator {
namespace {

script get_state(cloud& all, const request&, const instant& at) {
    json::array instances;
    for (const auto& instance : all.tasks.instances()) {
        json::array tasks;
        for (const auto& task : all.tasks.list(instance, at.now))
            tasks.push_back(shown(task));
        json::object known{{"name", instance.name},
                           {"id", instance.id},
                           {"project", instance.project},
                           {"tasks", std::move(tasks)}};
        if (auto quirks = shown(instance.quirks); !quirks.empty())
            known["quirks"] = std::move(quirks);
        instances.push_back(std::move(known));
    }
    json::array owners;
    for (const auto& owner : all.tasks.taurusdb())
        owners.push_back(shown(owner, at.now));
    return json_answer(200,
                       {{"now", seconds(at.now)},
                        {"clock", iso_time(at.shown)},
                        {"instances", std::move(instances)},
                        {"taurusdb", std::move(owners)},
                        {"faults", all.faults.to_json()},
                        {"keys", all.access.keys.to_json(at.now)},
                        {"users", all.access.users.to_json(at.now)},
                        {"tokens", all.access.tokens.to_json(at.now)},
                        {"rate", all.access.rates.to_json()},
                        {"metadata", all.access.metadata ? json::value(all.access.metadata->to_json(at.now))
                                                         : json::value()},
                        {"load", all.load.to_json()},
                        {"mysql", all.mysql.to_json()}});
}

script post_advance(cloud& all, const request& asked, const instant& at) {
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
    return json_answer(200, {{"now", seconds(at.now + step)}});
}

script post_clock(cloud& all, const request& asked, const instant& at) {
    const json::value parsed = json::parse(asked.body);
    json_fields fields(parsed.as_object());
    std::optional<std::int64_t> offset;
    fields.read("offset_seconds", offset, -1'000'000'000, 1'000'000'000);
    if (const auto wrong = fields.mistake(); !wrong.empty())
        return mistake(wrong);
    if (!offset)
        return mistake("'offset_seconds' is missing");
    all.clock_offset = std::chrono::seconds(*offset);
    return json_answer(200, {{"clock", iso_time(at.real + all.clock_offset)}});
}

script post_faults(cloud& all, const request& asked, const instant&) {
    const json::value parsed = json::parse(asked.body);
    std::string wrong;
    auto rule = read_fault(parsed.as_object(), wrong);
    if (!rule)
        return mistake(wrong);
    if (rule->instance != "*" && !all.tasks.find_instance(rule->instance) &&
        !all.tasks.find_taurusdb(rule->instance))
        return mistake("no instance has the id '" + rule->instance + "'");
    all.faults.add(std::move(*rule));
    return done();
}

script delete_faults(cloud& all, const request&, const instant&) {
    all.faults.clear();
    return done();
}

script get_requests(cloud& all, const request&, const instant&) {
    return json_answer(200, {{"requests", all.requests.to_json()}});
}

script delete_requests(cloud& all, const request&, const instant&) {
    all.requests.clear();
    all.load.forget();
    return done();
}

script get_queries(cloud& all, const request&, const instant&) {
    return json_answer(200, {{"queries", all.mysql.queries.to_json()}});
}

script delete_queries(cloud& all, const request&, const instant&) {
    all.mysql.queries.clear();
    all.mysql.forget_most();
    return done();
}

struct entry {
    std::string_view method;
    std::string_view path;
    script (*answer)(cloud&, const request&, const instant&);
};

constexpr std::array<entry, 23> table{{{"GET", "/_control/state", get_state},
                                       {"POST", "/_control/tasks", post_tasks},
                                       {"POST", "/_control/instances", post_instances},
                                       {"POST", "/_control/taurusdb", post_taurusdb},
                                       {"POST", "/_control/htap", post_htap},
                                       {"POST", "/_control/inventory", post_inventory},
                                       {"POST", "/_control/advance", post_advance},
                                       {"POST", "/_control/clock", post_clock},
                                       {"POST", "/_control/tokens", post_tokens},
                                       {"POST", "/_control/keys", post_keys},
                                       {"POST", "/_control/users", post_users},
                                       {"POST", "/_control/rate", post_rate},
                                       {"POST", "/_control/metadata", post_metadata},
                                       {"POST", "/_control/pod_identity", post_pod_identity},
                                       {"POST", "/_control/identity_providers", post_identity_providers},
                                       {"POST", "/_control/mysql", post_mysql},
                                       {"DELETE", "/_control/mysql", delete_mysql},
                                       {"GET", "/_control/queries", get_queries},
                                       {"DELETE", "/_control/queries", delete_queries},
                                       {"POST", "/_control/faults", post_faults},
                                       {"DELETE", "/_control/faults", delete_faults},
                                       {"GET", "/_control/requests", get_requests},
                                       {"DELETE", "/_control/requests", delete_requests}}};

} // namespace

script answer_control(cloud& all, const request& asked, const instant& at) try {
    bool known_path = false;
    for (const auto& [method, path, answer] : table) {
        if (path == asked.path && method == asked.method)
            return answer(all, asked, at);
        known_path = known_path || path == asked.path;
    }
    return json_answer(known_path ? 405 : 404,
                       {{"error", known_path ? "method not allowed" : "no such path"}});
} catch (const std::exception&) {
    // Only reading the body throws, and it comes before any change.
    return mistake("the body must be a JSON object");
}

} // namespace replmond::simulator
