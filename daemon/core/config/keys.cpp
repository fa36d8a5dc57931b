// The tables of keys: the whole file, poll, alerts, state and instances; and what all tables share.

#include "daemon/core/config/keys.hpp"

#include <algorithm>
#include <charconv>
#include <stdexcept>
#include <utility>

namespace replmond::config {

namespace {

int number(std::string_view text) {
    int value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

} // namespace

duration_range durations_of(const config_key& key) {
    return {key.low, key.high, key.example};
}

integer_range integers_of(const config_key& key) {
    return {number(key.low), number(key.high)};
}

key_section::key_section(std::string_view path, std::vector<config_key> keys)
    : path_(path), keys_(std::move(keys)) {
    for (config_key& key : keys_) {
        if (key.type != value_type::secret)
            continue;
        key.file_key = std::string(key.name) + "_file";
        key.environment_key = std::string(key.name) + "_env";
    }
}

const config_key& key_section::at(std::string_view name) const {
    const auto found =
        std::find_if(keys_.begin(), keys_.end(), [&](const auto& key) { return key.name == name; });
    if (found == keys_.end())
        throw std::logic_error("the table of keys has no " + std::string(path_) + "." + std::string(name));
    return *found;
}

std::vector<std::string_view> key_section::names() const {
    return names_with_type({});
}

std::vector<std::string_view> key_section::names_with_type(std::string_view auth_type) const {
    std::vector<std::string_view> names;
    for (const config_key& key : keys_) {
        if (!auth_type.empty() && !key.auth_type.empty() && key.auth_type != auth_type)
            continue;
        names.push_back(key.name);
        if (key.type == value_type::secret)
            names.insert(names.end(), {key.file_key, key.environment_key});
    }
    return names;
}

const key_section& root_keys() {
    static const key_section section(
        "",
        {
            {.name = "poll",
             .type = value_type::section,
             .may_be_empty = true,
             .section = &poll_keys(),
             .otherwise = {"its defaults", "各项取默认值"},
             .meaning = {"How tasks are read.", "如何读取数据同步任务。"}},
            {.name = "alerts",
             .type = value_type::section,
             .may_be_empty = true,
             .section = &alert_keys(),
             .otherwise = {"its defaults", "各项取默认值"},
             .meaning = {"How often problems are logged again.", "未恢复的问题多久重复记录一次日志。"}},
            {.name = "state",
             .type = value_type::section,
             .may_be_empty = true,
             .section = &state_keys(),
             .otherwise = {"its defaults", "各项取默认值"},
             .meaning = {"What survives a restart.", "重启后保留哪些状态。"}},
            {.name = "projects",
             .type = value_type::sections,
             .may_be_empty = true,
             .section = &project_keys(),
             .otherwise = {"nothing is polled", "不轮询任何实例"},
             .meaning = {"Huawei Cloud projects: a region and credentials each.",
                         "华为云项目，每个项目包含区域和认证凭证。"}},
            {.name = "instances",
             .type = value_type::sections,
             .may_be_empty = true,
             .section = &instance_keys(),
             .otherwise = {"only instances that are discovered", "只轮询自动发现的实例"},
             .meaning = {"StarRocks instances to poll, beside those that are discovered. An instance that is "
                         "both configured and discovered has the settings written here.",
                         "除自动发现的实例外，还要轮询的 StarRocks "
                         "实例。既在此配置又被自动发现的实例，以此处的配置为准。"}},
        });
    return section;
}

const key_section& poll_keys() {
    static const key_section section(
        "poll",
        {
            {.name = "interval",
             .type = value_type::duration,
             .low = "1s",
             .high = "1h",
             .default_value = "60s",
             .example = "30s",
             .meaning = {"From the start of one poll of an instance to the start of the next. An instance "
                         "can have its own.",
                         "同一实例相邻两次轮询开始时刻的间隔。每个实例可单独设置。"}},
            {.name = "timeout",
             .type = value_type::duration,
             .low = "100ms",
             .high = "2m",
             .default_value = "10s",
             .example = "10s",
             .meaning = {"The longest time for one HTTP request: name lookup, connection, TLS, headers and "
                         "body. Waiting for `rate_limit` does not count. An instance can have its own.",
                         "单个 HTTP 请求的最长耗时，包括域名解析、建立连接、TLS 握手、请求头和响应体；等待 "
                         "`rate_limit` 额度的时间不计入。每个实例可单独设置。"}},
            {.name = "page_size",
             .type = value_type::integer,
             .low = "1",
             .high = "100",
             .default_value = "100",
             .example = "50",
             .meaning = {"How many tasks one request asks for. An instance can have its own.",
                         "每个请求读取的任务数。每个实例可单独设置。"}},
            {.name = "concurrency",
             .type = value_type::integer,
             .low = "1",
             .high = "1024",
             .default_value = "16",
             .example = "32",
             .meaning = {"Polls in flight over the whole daemon.", "整个进程同时进行的轮询数。"}},
            {.name = "stale_after",
             .type = value_type::duration,
             .low = "0s",
             .high = "30d",
             .default_value = "15m",
             .example = "15m",
             .meaning = {"How long the last known tasks stay exported after the first poll that failed. "
                         "`0s` removes them at once.",
                         "轮询首次失败后，最后一次读到的任务指标继续保留的时间。`0s` 表示立即移除。"}},
        });
    return section;
}

const key_section& alert_keys() {
    static const key_section section(
        "alerts", {
                      {.name = "repeat_interval",
                       .type = value_type::duration,
                       .low = "1s",
                       .high = "30d",
                       .default_value = "1h",
                       .example = "1h",
                       .meaning = {"What stays wrong is logged again this often.",
                                   "持续异常的任务和持续失败的轮询，按此间隔重复记录日志。"}},
                  });
    return section;
}

const key_section& state_keys() {
    static const key_section section(
        "state",
        {
            {.name = "path",
             .type = value_type::path,
             .otherwise = {"kept in memory only", "只保存在内存中"},
             .example = "/var/lib/replmond/state.db",
             .meaning =
                 {"The file that keeps events and the ages of tasks, so that they survive a restart. A "
                  "relative path starts beside the configuration file.",
                  "保存事件和任务状态持续时间的文件，重启后不丢失。相对路径以配置文件所在目录为起点。"}},
            {.name = "retention",
             .type = value_type::duration,
             .low = "1h",
             .high = "3650d",
             .default_value = "30d",
             .example = "30d",
             .meaning = {"How long events are kept.", "事件的保留时间。"}},
        });
    return section;
}

const key_section& instance_keys() {
    static const key_section section(
        "instances[]",
        {
            {.name = "name",
             .type = value_type::name,
             .otherwise = {"the id", "实例 ID"},
             .example = "orders",
             .meaning =
                 {"The label `starrocks_instance` of every metric. It is unique over the whole daemon.",
                  "所有指标的 `starrocks_instance` 标签，在整个进程内唯一。"}},
            {.name = "id",
             .type = value_type::instance_id,
             .is_required = true,
             .example = "0123456789abcdef0123456789abcdefin17",
             .meaning = {"The id of the StarRocks instance, as the console shows it.",
                         "StarRocks 实例 ID，与控制台显示的一致。"}},
            {.name = "project",
             .type = value_type::name,
             .otherwise = {"the only project; required where there are several",
                           "唯一的项目；有多个项目时必填"},
             .example = "prod",
             .meaning = {"The name of its project.", "所属项目的名称。"}},
            {.name = "interval",
             .type = value_type::duration,
             .low = "1s",
             .high = "1h",
             .otherwise = {"`poll.interval`", "`poll.interval`"},
             .example = "30s",
             .meaning = {"As `poll.interval`, for this instance.", "同 `poll.interval`，只对该实例生效。"}},
            {.name = "timeout",
             .type = value_type::duration,
             .low = "100ms",
             .high = "2m",
             .otherwise = {"`poll.timeout`", "`poll.timeout`"},
             .example = "10s",
             .meaning = {"As `poll.timeout`, for this instance.", "同 `poll.timeout`，只对该实例生效。"}},
            {.name = "page_size",
             .type = value_type::integer,
             .low = "1",
             .high = "100",
             .otherwise = {"`poll.page_size`", "`poll.page_size`"},
             .example = "50",
             .meaning = {"As `poll.page_size`, for this instance.", "同 `poll.page_size`，只对该实例生效。"}},
            {.name = "labels",
             .type = value_type::labels,
             .may_be_empty = true,
             .otherwise = {"none", "无"},
             .example = "{team: payments}",
             .meaning = {"Custom labels of `starrocks_replication_info`. No other metric has them.",
                         "自定义标签，只加在 `starrocks_replication_info` 上。"}},
            {.name = "lag",
             .type = value_type::section,
             .section = &lag_keys(),
             .otherwise = {"lag is not measured", "不测量延迟"},
             .since = "0.2.0",
             .meaning = {"Measure how far StarRocks is behind, by a heartbeat row.",
                         "用心跳行测量 StarRocks 落后 TaurusDB 多少。"}},
        });
    return section;
}

} // namespace replmond::config
