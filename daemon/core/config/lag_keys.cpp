// The tables of keys: how the lag is measured.

#include "daemon/core/config/keys.hpp"

#include <utility>

namespace replmond::config {

namespace {

constexpr std::string_view first_version = "0.2.0";

// What lag and lag.source have in common: a server, and the tables on it.
std::vector<config_key> database_keys() {
    return {
        {.name = "host",
         .type = value_type::host,
         .is_required = true,
         .example = "192.168.0.30",
         .since = first_version,
         .meaning = {"The name or address of the database server, without a port.",
                     "数据库服务器的域名或地址，不含端口。"}},
        {.name = "port",
         .type = value_type::integer,
         .low = "1",
         .high = "65535",
         .default_value = "3306",
         .example = "9030",
         .since = first_version,
         .meaning = {"The port.", "端口。"}},
        {.name = "user",
         .type = value_type::name,
         .is_required = true,
         .example = "replmond",
         .since = first_version,
         .meaning = {"The user. `SELECT` on the heartbeat tables is enough.",
                     "用户名。只需要心跳表的 `SELECT` 权限。"}},
        {.name = "password",
         .type = value_type::secret,
         .is_required = true,
         .example = "password_file: sr-password",
         .since = first_version,
         .meaning = {"The password.", "密码。"}},
        {.name = "tls",
         .type = value_type::choice,
         .words = {"verify", "require", "off"},
         .default_value = "verify",
         .example = "require",
         .since = first_version,
         .meaning = {"`verify`: encrypted, and the certificate is checked. `require`: encrypted, and it is "
                     "not. `off`: "
                     "not encrypted.",
                     "`verify`：加密并校验证书；`require`：加密但不校验证书；`off`：不加密。"}},
        {.name = "ca_file",
         .type = value_type::path,
         .otherwise = {"the system's", "系统证书"},
         .example = "sr-ca.pem",
         .since = first_version,
         .meaning = {"Certificates (PEM) that are trusted instead of the system's. A relative path starts "
                     "beside the "
                     "configuration file.",
                     "代替系统证书的可信证书（PEM）。相对路径以配置文件所在目录为起点。"}},
        {.name = "table",
         .type = value_type::table,
         .default_value = "heartbeat",
         .example = "ops.heartbeat",
         .since = first_version,
         .meaning = {"The heartbeat's table in each task's target database. `database.table` names one for "
                     "all tasks.",
                     "每个任务的目标数据库中的心跳表。`database.table` 表示所有任务共用一张表。"}},
        {.name = "tasks",
         .type = value_type::tables,
         .may_be_empty = true,
         .otherwise = {"`table` for all tasks", "所有任务都用 `table`"},
         .example = "{orders_all: ops.heartbeat}",
         .since = first_version,
         .meaning = {"The tables of tasks that differ, by task name. A task with the target database `ALL` "
                     "needs it.",
                     "按任务名指定不同的心跳表。目标数据库为 `ALL` 的任务必须指定。"}},
    };
}

std::vector<config_key> keys_of_lag() {
    std::vector<config_key> keys = database_keys();
    keys.insert(
        keys.end(),
        {
            {.name = "interval",
             .type = value_type::duration,
             .low = "1s",
             .high = "1h",
             .otherwise = {"the interval of the instance", "该实例的轮询间隔"},
             .example = "10s",
             .since = first_version,
             .meaning = {"How often the lag is read.", "读取延迟的间隔。"}},
            {.name = "timeout",
             .type = value_type::duration,
             .low = "100ms",
             .high = "2m",
             .default_value = "5s",
             .example = "5s",
             .since = first_version,
             .meaning = {"The longest time to connect, log in and read, for one instance.",
                         "单个实例建立连接、登录并读取的最长耗时。"}},
            {.name = "column",
             .type = value_type::column,
             .default_value = "ts",
             .example = "updated_at",
             .since = first_version,
             .meaning = {"The column with the time: Unix time as a whole number of s, ms or µs, or UTC as "
                         "text such as "
                         "`2026-11-29 21:00:00.123456`.",
                         "时间列：Unix 时间（秒、毫秒或微秒的整数），或 UTC 文本，如 `2026-11-29 "
                         "21:00:00.123456`。"}},
            {.name = "alert_above",
             .type = value_type::duration,
             .low = "1s",
             .high = "30d",
             .otherwise = {"no event", "不产生事件"},
             .example = "5m",
             .since = first_version,
             .meaning = {"Log an event when the lag of a task in stage incremental exceeds it.",
                         "处于增量同步阶段的任务延迟超过该值时记录事件。"}},
            {.name = "source",
             .type = value_type::section,
             .section = &lag_source_keys(),
             .otherwise = {"the daemon's clock is compared", "与本机时钟比较"},
             .since = first_version,
             .meaning =
                 {"Read the heartbeat in TaurusDB as well. Then no two clocks are compared, and a writer "
                  "that "
                  "stopped does not look like lag.",
                  "同时读取 TaurusDB 中的心跳。这样不比较两台机器的时钟，心跳停写也不会被误认为延迟。"}},
        });
    return keys;
}

void change(std::vector<config_key>& keys, std::string_view name, key_text otherwise, key_text meaning) {
    for (config_key& key : keys) {
        if (key.name != name)
            continue;
        key.otherwise = otherwise;
        if (!meaning.english.empty())
            key.meaning = meaning;
    }
}

} // namespace

const key_section& lag_keys() {
    static const key_section section("instances[].lag", keys_of_lag());
    return section;
}

const key_section& discovered_lag_keys() {
    static const key_section section = [] {
        std::vector<config_key> keys = keys_of_lag();
        keys.front().is_required = false;
        change(keys, "host", {"the address that the cloud lists", "云服务列出的地址"}, {});
        return key_section("projects[].discover.lag", std::move(keys));
    }();
    return section;
}

const key_section& lag_source_keys() {
    static const key_section section = [] {
        std::vector<config_key> keys = database_keys();
        for (config_key& key : keys) {
            if (key.name == "table")
                key.default_value = {};
            if (key.name == "host")
                key.example = "192.168.0.20";
            if (key.name == "password")
                key.example = "password_file: tdb-password";
        }
        change(keys, "table", {"that of `lag`", "同 `lag`"},
               {"The heartbeat's table in each task's source database. `database.table` names one for all "
                "tasks.",
                "每个任务的源数据库中的心跳表。`database.table` 表示所有任务共用一张表。"});
        change(keys, "tasks", {"those of `lag`", "同 `lag`"},
               {"The tables of tasks that differ, by task name.", "按任务名指定不同的心跳表。"});
        keys.push_back(
            {.name = "write",
             .type = value_type::boolean,
             .default_value = "false",
             .example = "true",
             .since = first_version,
             .meaning = {
                 "replmond writes the heartbeat itself: the row `id = 1`, at every interval. It "
                 "needs `INSERT` and `UPDATE` as well.",
                 "由 replmond 按间隔自行写入心跳（`id = 1` 的行），还需要 `INSERT` 和 `UPDATE` 权限。"}});
        return key_section("instances[].lag.source", std::move(keys));
    }();
    return section;
}

} // namespace replmond::config
