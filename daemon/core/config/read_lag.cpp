// The section `lag` of an instance or of `discover`: which databases hold the heartbeats, and where in them.

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

// The contract, Configuration.
constexpr duration_range lag_interval{"1s", "1h", "10s"};
constexpr duration_range lag_timeout{"100ms", "2m", "5s"};
constexpr duration_range alert_above{"1s", "30d", "5m"};
constexpr integer_range database_port{1, 65535};

constexpr std::size_t longest_identifier = 64; // characters of a name in MySQL; StarRocks allows more
constexpr std::size_t longest_user = 128;
constexpr secret_key password_key{"password", "password_file", "password_env"};

const std::vector<std::string_view> database_keys{
    "host", "port", "user", "password", "password_file", "password_env", "tls", "ca_file", "table", "tasks"};

std::vector<std::string_view> keys_with(std::vector<std::string_view> more) {
    more.insert(more.begin(), database_keys.begin(), database_keys.end());
    return more;
}

bool is_identifier(std::string_view name) {
    const auto is_control = [](unsigned char c) { return c < 0x20 || c == 0x7f; };
    for (const char c : name) {
        if (is_control(static_cast<unsigned char>(c)))
            return false;
    }
    return !name.empty() && name.size() <= longest_identifier && name.front() != ' ' && name.back() != ' ';
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
        fmt::format("a table, or database.table, with names of 1 to {} bytes", longest_identifier));
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

database_tls read_tls(const yaml_place& place) {
    for (const database_tls each : {database_tls::verify, database_tls::require, database_tls::off}) {
        if (place.says(to_string(each)))
            return each;
    }
    place.complain_unknown("one of verify, require, off", {"verify", "require", "off"});
    return database_tls::verify;
}

std::string read_user(const yaml_place& place) {
    const auto user = place.text();
    if (!user || (!user->empty() && user->size() <= longest_user))
        return user.value_or("");
    place.report_expected(fmt::format("a user's name of 1 to {} bytes", longest_user));
    return {};
}

// `needs_host`: nothing else tells where the database is.
database_settings read_database(const yaml_map& map, const lookup& from, bool needs_host) {
    database_settings database;
    if (const yaml_place* host = needs_host ? map.require("host") : map.value("host"))
        database.host = read_host(*host);
    read_into(map, "port", database_port, database.port);
    if (const yaml_place* user = map.require("user"))
        database.user = read_user(*user);
    if (auto password = read_secret_key(map, password_key, from))
        database.password = std::move(*password);
    if (const yaml_place* tls = map.value("tls"))
        database.tls = read_tls(*tls);
    if (const yaml_place* file = map.value("ca_file"))
        database.ca_file = read_ca_file(*file, from);
    return database;
}

lag_source_settings read_source_of_lag(const yaml_place& place, const lookup& from, const lag_settings& lag) {
    const yaml_map map(place, keys_with({"write"}));
    lag_source_settings source;
    source.table = lag.table;
    source.tasks = lag.tasks;
    if (!place.is_map())
        return source;
    source.database = read_database(map, from, true);
    if (const yaml_place* table = map.value("table"))
        source.table = read_table(*table).value_or(source.table);
    if (const yaml_place* tasks = map.section("tasks"))
        source.tasks = read_tables(*tasks);
    read_into(map, "write", source.write);
    return source;
}

} // namespace

std::optional<lag_settings> read_lag(const yaml_place& place, const lookup& from, bool is_discovered) {
    const yaml_map map(place, keys_with({"interval", "timeout", "column", "alert_above", "source"}));
    if (!place.is_map())
        return std::nullopt;
    lag_settings lag;
    lag.database = read_database(map, from, !is_discovered);
    if (const yaml_place* interval = map.value("interval"))
        lag.interval = interval->duration(lag_interval);
    read_into(map, "timeout", lag_timeout, lag.timeout);
    if (const yaml_place* table = map.value("table"))
        lag.table = read_table(*table).value_or(lag.table);
    if (const yaml_place* column = map.value("column")) {
        const auto name = column->text();
        if (name && !is_identifier(*name))
            column->report_expected(fmt::format("a column's name of 1 to {} bytes", longest_identifier));
        lag.column = name.value_or("");
    }
    if (const yaml_place* above = map.value("alert_above"))
        lag.alert_above = above->duration(alert_above);
    if (const yaml_place* tasks = map.section("tasks"))
        lag.tasks = read_tables(*tasks);
    if (const yaml_place* source = map.value("source"))
        lag.source = read_source_of_lag(*source, from, lag);
    return lag;
}

} // namespace replmond::config
