// The section `lag` of an instance or of `discover`: which databases hold the heartbeats, and where in them.

#include "daemon/core/config/keys.hpp"
#include "daemon/core/config/read_project.hpp"
#include "daemon/core/config/read_secret.hpp"
#include "daemon/core/config/settings.hpp"
#include "daemon/core/http/url.hpp"
#include "daemon/core/model/event.hpp"

#include <fmt/format.h>

#include <array>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace replmond::config {

namespace {

bool is_identifier(std::string_view name) {
    const auto is_control = [](unsigned char c) { return c < 0x20 || c == 0x7f; };
    for (const char c : name) {
        if (is_control(static_cast<unsigned char>(c)))
            return false;
    }
    return !name.empty() && name.size() <= value_limits::identifier && name.front() != ' ' &&
           name.back() != ' ';
}

// `table` or `database.table`.
std::optional<table_name> read_table(const yaml_place& place) {
    const auto text = place.text();
    if (!text)
        return std::nullopt;
    const std::size_t dot = text->find('.');
    table_name read;
    if (dot != std::string::npos)
        read.database = text->substr(0, dot);
    read.table = text->substr(dot == std::string::npos ? 0 : dot + 1);
    const bool has_database = dot == std::string::npos || is_identifier(read.database);
    if (has_database && is_identifier(read.table) && read.table.find('.') == std::string::npos)
        return read;
    place.report_expected(
        fmt::format("a table, or database.table, with names of 1 to {} bytes", value_limits::identifier));
    return std::nullopt;
}

std::map<std::string, table_name> read_tables(const yaml_place& place) {
    std::map<std::string, table_name> tables;
    for (const yaml_entry& entry : place.entries()) {
        if (entry.key.empty() || entry.key.size() > longest_task_name)
            place.complain_at(entry.at,
                              fmt::format("expected a task_name of 1 to {} bytes", longest_task_name));
        else if (auto table = read_table(entry.value))
            tables.emplace(entry.key, std::move(*table));
    }
    return tables;
}

std::string read_host(const yaml_place& place) {
    const auto host = place.text();
    if (!host)
        return {};
    if (http::is_host(*host))
        return *host;
    place.report_expected("a host name or an address, without a port");
    return {};
}

database_tls read_tls(const yaml_map& map) {
    const auto word = read_choice(map, "tls");
    for (const database_tls each : {database_tls::verify, database_tls::require, database_tls::off}) {
        if (word == to_string(each))
            return each;
    }
    return database_tls::verify;
}

std::string read_user(const yaml_place& place) {
    const auto user = place.text();
    if (!user || (!user->empty() && user->size() <= value_limits::name))
        return user.value_or("");
    place.report_expected(fmt::format("a user's name of 1 to {} bytes", value_limits::name));
    return {};
}

database_settings read_database(const yaml_map& map, const lookup& from) {
    database_settings database;
    if (const yaml_place* host = map.row("host").is_required ? map.require("host") : map.value("host"))
        database.host = read_host(*host);
    read_into(map, "port", database.port);
    if (const yaml_place* user = map.require("user"))
        database.user = read_user(*user);
    if (auto password = read_secret_key(map, "password", from))
        database.password = std::move(*password);
    database.tls = read_tls(map);
    if (const yaml_place* file = map.value("ca_file"))
        database.ca_file = read_ca_file(*file, from);
    return database;
}

lag_source_settings read_source_of_lag(const yaml_place& place, const lookup& from, const lag_settings& lag) {
    const yaml_map map(place, lag_source_keys());
    lag_source_settings source;
    source.table = lag.table;
    source.tasks = lag.tasks;
    if (!place.is_map())
        return source;
    source.database = read_database(map, from);
    if (const yaml_place* table = map.value("table"))
        source.table = read_table(*table).value_or(source.table);
    if (const yaml_place* tasks = map.section("tasks"))
        source.tasks = read_tables(*tasks);
    read_into(map, "write", source.write);
    return source;
}

} // namespace

std::optional<lag_settings> read_lag(const yaml_place& place, const lookup& from, bool is_discovered) {
    const yaml_map map(place, is_discovered ? discovered_lag_keys() : lag_keys());
    if (!place.is_map())
        return std::nullopt;
    lag_settings lag;
    lag.database = read_database(map, from);
    read_into(map, "interval", lag.interval);
    read_into(map, "timeout", lag.timeout);
    if (const yaml_place* table = map.value("table"))
        lag.table = read_table(*table).value_or(lag.table);
    if (const yaml_place* column = map.value("column")) {
        const auto name = column->text();
        if (name && !is_identifier(*name))
            column->report_expected(
                fmt::format("a column's name of 1 to {} bytes", value_limits::identifier));
        lag.column = name.value_or("");
    }
    read_into(map, "alert_above", lag.alert_above);
    if (const yaml_place* tasks = map.section("tasks"))
        lag.tasks = read_tables(*tasks);
    if (const yaml_place* source = map.value("source"))
        lag.source = read_source_of_lag(*source, from, lag);
    return lag;
}

} // namespace replmond::config
