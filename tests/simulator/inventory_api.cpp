#include "tests/simulator/inventory_api.hpp"

#include "tests/simulator/errors.hpp"
#include "tests/simulator/parameters.hpp"

#include <boost/json/array.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace json = boost::json;
using replmond::testing::script;

namespace replmond::simulator {
namespace {

void lay_over(json::object& record, const json::object& raw) {
    for (const auto& [key, value] : raw)
        record[key] = value;
}

json::object record_of(const taurusdb_spec& owner, virtual_time now) {
    json::object record = {{"id", owner.id},
                           {"name", owner.course.renames(now) ? owner.course.rename_to : owner.name},
                           {"status", owner.status},
                           {"type", "Cluster"},
                           {"region", "cn-north-4"},
                           {"datastore", {{"type", "gaussdb-mysql"}, {"version", "8.0"}}},
                           {"enterprise_project_id", "0"},
                           {"tags", json::array()}};
    lay_over(record, owner.course.raw);
    return record;
}

// Where its database is reached: really so where the scenario gives it an address.
struct reachable {
    std::string address = "192.0.2.10";
    std::uint16_t port = 3306;
};

reachable place_of(const cloud& all, const instance_spec* known) {
    reachable place;
    if (!known || known->address.empty())
        return place;
    place.address = known->address;
    place.port = all.mysql.port.value_or(place.port);
    return place;
}

json::object record_of(const htap_spec& given, const instance_spec* known, const taurusdb_spec& owner,
                       const reachable& place, virtual_time now) {
    const std::string& usual = known ? known->name : given.name;
    const std::string& name = given.course.renames(now) ? given.course.rename_to : usual;
    json::array nodes;
    nodes.push_back({{"data_ip", place.address},
                     {"node_id", given.id.substr(0, given.id.size() < 4 ? 0 : given.id.size() - 4) + "no17"},
                     {"node_name", name + "_node0"}});
    json::array zones;
    zones.push_back({{"code", "cn-north-4a"}, {"description", "az1"}, {"az_type", "single"}});
    json::object record = {
        {"id", given.id},
        {"name", name},
        {"engine_name", given.engine},
        {"engine_version", "3.1.6.0"},
        {"project_id", owner.project},
        {"instance_state",
         {{"instance_status", given.status},
          {"create_fail_error_code", ""},
          {"fail_message", ""},
          {"wait_restart_for_params", false}}},
        {"create_at", 1'767'225'600'000},
        {"is_frozen", false},
        {"ha_mode", "Single"},
        {"pay_model", "0"},
        {"data_vip", place.address},
        {"port", place.port},
        {"node_num", 1},
        {"readable_node_infos", std::move(nodes)},
        {"available_zones", std::move(zones)},
        {"current_actions", json::array()},
        {"volume_type", "ESSD"},
        {"enterprise_project_id", "0"},
        {"network", {{"vpc_id", "vpc"}, {"sub_net_id", "subnet"}, {"security_group_id", "group"}}},
        {"ch_master_node_id", ""}};
    lay_over(record, given.course.raw);
    return record;
}

// The page of `items` that was asked for, under `key`, with the number of all of them.
script page_of(const json::array& items, const char* key, json::object body, const testing::request& asked) {
    const auto wanted = read_page(asked);
    if (const auto* refused = std::get_if<script>(&wanted))
        return *refused;
    const auto [limit, offset] = std::get<page_request>(wanted);
    json::array page;
    for (std::size_t i = offset; i < items.size() && page.size() < limit; ++i)
        page.push_back(items[i]);
    body[key] = std::move(page);
    body["total_count"] = items.size();
    return json_answer(200, body);
}

// The same of TaurusDB instances, with the quirks of their list.
script page_of_instances(cloud& all, const json::array& items, const testing::request& asked) {
    const auto wanted = read_page(asked);
    if (const auto* refused = std::get_if<script>(&wanted))
        return *refused;
    const inventory_quirks& quirks = all.tasks.inventory();
    auto [limit, offset] = std::get<page_request>(wanted);
    if (quirks.ignore_offset)
        offset = 0;
    limit = std::min(limit, quirks.max_page.value_or(limit));
    json::array page;
    for (std::size_t i = offset; i < items.size() && page.size() < limit; ++i)
        page.push_back(items[i]);

    json::object body;
    const std::uint64_t ordinal = all.inventory_requests++;
    if (quirks.total == total_count::garbage)
        body["total_count"] = "many";
    else if (quirks.total == total_count::page)
        body["total_count"] = page.size();
    else if (quirks.total == total_count::changing)
        body["total_count"] = items.size() + ordinal % 3;
    else if (quirks.total == total_count::records)
        body["total_count"] = items.size();
    body["instances"] = std::move(page);
    return json_answer(200, body);
}

} // namespace

script list_instances(cloud& all, const call& now) {
    const auto id = now.asked.parameter("id");
    const auto name = now.asked.parameter("name");
    const auto store = now.asked.parameter("datastore_type");
    json::array found;
    for (const auto& owner : all.tasks.taurusdb()) {
        const bool fits = owner.course.lists(now.at.now) && owner.project == now.target.project &&
                          (!id || owner.id == *id) && (!name || owner.name == *name) &&
                          (!store || *store == "gaussdb-mysql");
        if (fits)
            found.push_back(record_of(owner, now.at.now));
    }
    return page_of_instances(all, found, now.asked);
}

script list_htap(const cloud& all, const taurusdb_spec& owner, const call& now) {
    json::array found;
    for (const auto& given : owner.htap) {
        const auto* known = all.tasks.find_instance(given.id);
        if (given.course.lists(now.at.now) && (!known || !known->quirks.deleted))
            found.push_back(record_of(given, known, owner, place_of(all, known), now.at.now));
    }
    const std::size_t total = found.size();
    return json_answer(
        200, {{"total", total}, {"max_htap_instance_num_of_taurus", 5}, {"instances", std::move(found)}});
}

script list_databases(const cloud& all, const instance_spec& instance, const call& now) {
    std::set<std::string> names;
    const auto wanted = now.asked.parameter("database_name");
    for (const auto& task : all.tasks.list(instance, now.at.now)) {
        if (!wanted || task.target_database == *wanted)
            names.insert(task.target_database);
    }
    json::array found;
    for (const auto& name : names)
        found.push_back(json::value(name));
    const auto seconds = std::chrono::floor<std::chrono::seconds>(now.at.shown).time_since_epoch().count();
    return page_of(found, "databases", {{"timestamp", seconds}}, now.asked);
}

script list_nodes(const instance_spec& instance) {
    json::array nodes;
    for (const char* role : {"fe-leader", "fe-follower", "be"})
        nodes.push_back({{"node_id", fmt::format("{:032x}no17", nodes.size() + 1)},
                         {"node_name", fmt::format("{}_{}", instance.name, role)},
                         {"role", role},
                         {"status", "normal"}});
    return json_answer(200, {{"node_list", std::move(nodes)}});
}

script show_job(const cloud& all, const call& now) {
    const auto id = now.asked.parameter("id");
    if (!id || id->empty())
        return service_error(400, "DBS.280001", "Parameter error: id.");
    auto job = all.jobs.find(*id, now.target.project, now.at.now);
    if (!job)
        return service_error(400, "DBS.200543", "The job does not exist.");
    return json_answer(200, {{"job", std::move(*job)}});
}

} // namespace replmond::simulator
