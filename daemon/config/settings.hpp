#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

/// The configuration as the rest of the program sees it: validated values with their defaults applied.
/// How they are written in YAML, their ranges and their meaning are described in config/replmond.yaml.
namespace replmond::config {

using std::chrono::milliseconds;

/// Custom labels; ordered, so that they are always rendered in the same order.
using label_map = std::map<std::string, std::string>;

struct poll_settings {
    milliseconds interval = std::chrono::minutes(1);
    milliseconds timeout = std::chrono::seconds(10); ///< of one HTTP request, from resolve to the last byte
    int page_size = 100;
    int concurrency = 16;                                ///< polls in flight over the whole daemon
    milliseconds stale_after = std::chrono::minutes(15); ///< 0: series go at the first failed poll

    bool operator==(const poll_settings&) const = default;
};

struct alert_settings {
    milliseconds repeat_interval = std::chrono::hours(1);

    bool operator==(const alert_settings&) const = default;
};

struct state_settings {
    std::string path; ///< empty: memory only
    milliseconds retention = std::chrono::hours(24 * 30);

    bool operator==(const state_settings&) const = default;
};

/// Where a secret comes from. It is read again before a credential is renewed, so the place is kept.
struct secret_source {
    enum class kind { value, file, environment };
    kind from = kind::value;
    std::string text; ///< the secret itself, the file's path as written, or the variable's name

    bool operator==(const secret_source&) const = default;
};

struct aksk_auth {
    secret_source access_key;
    secret_source secret_key;
    std::optional<secret_source> security_token;

    bool operator==(const aksk_auth&) const = default;
};

struct password_auth {
    secret_source domain; ///< account name
    secret_source user;
    secret_source password;

    bool operator==(const password_auth&) const = default;
};

struct token_auth {
    secret_source token;

    bool operator==(const token_auth&) const = default;
};

/// Temporary keys of the ECS agency.
struct metadata_auth {
    bool operator==(const metadata_auth&) const = default;
};

/// Environment, profile file, metadata: the official SDKs' chain.
struct default_auth {
    bool operator==(const default_auth&) const = default;
};

using auth_settings = std::variant<aksk_auth, password_auth, token_auth, metadata_auth, default_auth>;

/// At most `requests` in any window of that length.
struct rate_limit {
    int requests = 200;
    milliseconds window = std::chrono::minutes(5);

    bool operator==(const rate_limit&) const = default;
};

struct discovery_settings {
    milliseconds interval = std::chrono::minutes(10);
    std::optional<std::string> include; ///< RE2 expressions, searched in the instance's name
    std::optional<std::string> exclude;
    label_map labels;

    bool operator==(const discovery_settings&) const = default;
};

struct project_settings {
    std::string name;
    std::string region;
    std::optional<std::string> project_id;
    std::optional<std::string> endpoint;     ///< origin, without a trailing slash; none: by region
    std::optional<std::string> iam_endpoint; ///< as above
    std::optional<std::string> ca_file; ///< PEM, beside the system's; absolute or relative to the config file
    std::optional<std::string> proxy_url;
    bool insecure_http = false; ///< plain http:// also for addresses that are not loopback
    rate_limit limit;
    auth_settings auth;
    std::optional<discovery_settings> discover;

    bool operator==(const project_settings&) const = default;
};

struct instance_settings {
    std::string name; ///< unique over the daemon; default: the id
    std::string id;
    std::string project; ///< name of its project, always filled in
    milliseconds interval{};
    milliseconds timeout{};
    int page_size = 0;
    label_map labels;

    bool operator==(const instance_settings&) const = default;
};

struct settings {
    poll_settings poll;
    alert_settings alerts;
    state_settings state;
    std::vector<project_settings> projects;
    std::vector<instance_settings> instances;
    std::string directory; ///< of the config file: relative paths are looked up beside it

    bool operator==(const settings&) const = default;
};

} // namespace replmond::config
