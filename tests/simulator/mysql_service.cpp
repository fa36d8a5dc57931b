#include "tests/simulator/mysql_service.hpp"

#include <boost/json/array.hpp>

#include <algorithm>

namespace json = boost::json;

namespace replmond::simulator {

void mysql_service::connected(const std::string& address) {
    auto& seen = traffic[address];
    seen.most_connections = std::max(seen.most_connections, ++seen.connections);
    most_connections = std::max(most_connections, ++connections);
    ++accepted;
}

void mysql_service::disconnected(const std::string& address) {
    --traffic[address].connections;
    --connections;
}

const mysql_settings* mysql_service::find_settings(const std::string& server, const std::string& task) const {
    const auto found = settings.find({server, task});
    return found == settings.end() ? nullptr : &found->second;
}

std::string mysql_service::password_of(const std::string& server) const {
    const auto* known = find_settings(server, "");
    return known && known->password ? *known->password : spec->password;
}

std::optional<mysql_fault> mysql_service::take_fault(const std::string& server, const std::string& task,
                                                     mysql_phase phase) {
    auto found = settings.find({server, task});
    const bool fits = found != settings.end() && found->second.fault && found->second.fault->phase == phase;
    if (!fits)
        return task.empty() ? std::nullopt : take_fault(server, "", phase);
    auto& rule = found->second.fault;
    std::optional<mysql_fault> taken = rule;
    if (rule->count && --*rule->count == 0)
        rule.reset();
    return taken;
}

void mysql_service::forget_most() {
    most_connections = connections;
    for (auto& [address, seen] : traffic)
        seen.most_connections = seen.connections;
}

json::value mysql_service::to_json() const {
    if (!spec)
        return {};
    json::object addresses;
    for (const auto& [address, seen] : traffic)
        addresses[address] = json::object{{"connections", seen.connections},
                                          {"most_connections", seen.most_connections},
                                          {"logins", seen.logins},
                                          {"refused_logins", seen.refused_logins},
                                          {"queries", seen.queries}};
    json::array changed;
    for (const auto& [key, value] : settings) {
        json::object state = shown(value);
        state["server"] = key.first;
        if (!key.second.empty())
            state["task"] = key.second;
        changed.push_back(std::move(state));
    }
    return json::object{{"port", port ? json::value(*port) : json::value()},
                        {"connections", connections},
                        {"most_connections", most_connections},
                        {"addresses", std::move(addresses)},
                        {"settings", std::move(changed)}};
}

json::object shown(const mysql_settings& settings) {
    json::object state;
    if (settings.lag)
        state["lag_seconds"] = std::chrono::duration<double>(*settings.lag).count();
    if (settings.heartbeat)
        state["heartbeat"] = *settings.heartbeat;
    if (settings.stopped)
        state["stop_writer"] = true;
    if (settings.dropped)
        state["drop_table"] = true;
    if (settings.rows)
        state["rows"] = *settings.rows;
    if (settings.null)
        state["null"] = true;
    if (settings.password)
        state["password"] = *settings.password;
    if (settings.fault)
        state["fault"] = shown(*settings.fault);
    return state;
}

} // namespace replmond::simulator
