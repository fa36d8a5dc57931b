#pragma once

#include "daemon/core/config/settings.hpp"

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Every key of the configuration (the contract, Configuration): the readers take names, ranges and words
/// from these tables, and docs/configuration.md, docs/zh-CN/configuration.md and config/replmond.schema.json
/// are made from them.
namespace replmond::config {

/// What a value is. The numbers of value_limits belong to these types.
enum class value_type {
    duration, ///< from `low` to `high`
    integer,  ///< from `low` to `high`
    boolean,
    choice, ///< one of `words`
    name,   ///< a text of 1 to value_limits::name bytes
    word,   ///< 1 to value_limits::word letters, digits, - and _
    instance_id,
    origin, ///< https://host[:port], or http:// where that is allowed
    proxy_url,
    rate_limit,
    pattern, ///< a regular expression (RE2)
    host,
    table, ///< `table` or `database.table`
    column,
    path,
    labels, ///< a map of texts by name
    tables, ///< a map of tables by task name
    secret, ///< given as `x`, `x_file` or `x_env`
    section,
    sections ///< a list of sections
};

/// The bounds of the types that have the same ones wherever they are used. Lengths are bytes.
namespace value_limits {

constexpr std::size_t name = 128;
constexpr std::size_t word = 64;
constexpr std::size_t pattern = 256;
constexpr std::size_t identifier = 64; ///< of a database, a table or a column: MySQL's; StarRocks allows more
constexpr int requests = 1'000'000;    ///< of a rate limit
constexpr duration_range rate_window{"1s", "24h", "5m"};

/// Labels that the info metric has anyway, and those that Prometheus adds to every target.
constexpr auto taken_labels = std::to_array<std::string_view>({
    "project",
    "starrocks_instance",
    "task",
    "region",
    "project_id",
    "instance_id",
    "source_database",
    "target_database",
    "main_task",
    "job",
    "instance",
});

} // namespace value_limits

/// The same text for both pages.
struct key_text {
    std::string_view english;
    std::string_view chinese;
};

class key_section;

/// A row of the table. Texts are static.
struct config_key {
    std::string_view name;
    value_type type = value_type::name;
    bool is_required = false;
    bool may_be_empty = false; ///< `name:` without a value counts as left out
    /// Of a duration or an integer, both inclusive.
    std::string_view low = {};
    std::string_view high = {};
    std::vector<std::string_view> words = {};
    const key_section* section = nullptr;
    std::string_view default_value = {}; ///< as written in YAML; empty: none
    key_text otherwise = {};             ///< what holds without the key where that is no fixed value
    /// As written in YAML; messages about durations show it. Of a secret: one of its forms with a value.
    std::string_view example = {};
    std::string_view since = "0.1.0"; ///< the first version that has the key
    key_text meaning = {};
    /// Of keys of `auth`: the type that they belong to.
    std::string_view auth_type = {};
    bool goes_into_header = false; ///< of a secret: it must be visible ASCII
    /// Of a secret: the environment variable that is read without the key. The official SDKs read it as well
    /// (API.md, section 13).
    std::string_view variable = {};
    /// Of a secret: the two other keys that it can be given by. key_section sets them.
    std::string file_key = {};
    std::string environment_key = {};
};

/// Of a key of type duration or integer.
duration_range durations_of(const config_key& key);
integer_range integers_of(const config_key& key);

/// The keys that one map of the configuration may have.
class key_section {
public:
    /// `path`: where the section is, such as `projects[].auth`; empty for the whole file.
    key_section(std::string_view path, std::vector<config_key> keys);

    [[nodiscard]] std::string_view path() const { return path_; }
    [[nodiscard]] const std::vector<config_key>& keys() const { return keys_; }

    /// Throws std::logic_error where the section has no such key, which is a mistake of this program.
    [[nodiscard]] const config_key& at(std::string_view name) const;

    /// The names that a file may use, in the order of the table; those of secrets in their three forms.
    [[nodiscard]] std::vector<std::string_view> names() const;
    /// The same, only those that belong to this auth.type or to all of them.
    [[nodiscard]] std::vector<std::string_view> names_with_type(std::string_view auth_type) const;

private:
    std::string_view path_;
    std::vector<config_key> keys_;
};

const key_section& root_keys();
const key_section& poll_keys();
const key_section& alert_keys();
const key_section& state_keys();
const key_section& project_keys();
const key_section& auth_keys();
const key_section& discovery_keys();
const key_section& instance_keys();
const key_section& lag_keys();
/// `lag` of `discover`: the host may be left out.
const key_section& discovered_lag_keys();
const key_section& lag_source_keys();

} // namespace replmond::config
