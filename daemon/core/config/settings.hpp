#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace replmond::config {

/// Bounds of a duration, both allowed, as they are written in the documentation and in messages.
struct duration_range {
    std::string_view low;
    std::string_view high;
    std::string_view sample; ///< a sensible value, to show the form
};

struct integer_range {
    int low;
    int high;
};

/// What more than one section allows.
namespace ranges {

constexpr duration_range interval{"1s", "1h", "30s"};
constexpr duration_range timeout{"100ms", "2m", "10s"};
constexpr integer_range page_size{1, 100};

} // namespace ranges

// The configuration as the rest of the program sees it: validated values with their defaults applied.
// How they are written in YAML, their ranges and their meaning are described in config/replmond.yaml.

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

// What --web.config.file says: who may read the pages, and how. Nothing of it is ever printed.

enum class client_certificates { unasked, asked, needed, checked_if_given, needed_and_checked };

enum class tls_version { tls12, tls13 };

struct web_tls_settings {
    std::string certificate; ///< PEM, with its intermediates behind it
    std::string key;         ///< PEM, the certificate's
    client_certificates clients = client_certificates::unasked;
    std::string client_ca; ///< PEM; empty: none
    std::vector<std::string>
        client_sans; ///< one of them must be in a client's certificate; empty: any may be
    tls_version min_version = tls_version::tls12;
    tls_version max_version = tls_version::tls13;
    std::vector<std::string> ciphers; ///< of TLS 1.2, by OpenSSL's names; empty: the good ones
    std::vector<std::string> curves;  ///< by OpenSSL's names; empty: OpenSSL's own
    bool server_prefers = true;       ///< the order of `ciphers` rather than the client's
};

struct web_user {
    std::string name;
    std::string hash; ///< bcrypt
};

struct web_settings {
    std::optional<web_tls_settings> tls;
    std::vector<std::pair<std::string, std::string>> headers; ///< of every answer
    std::vector<web_user> users;                              ///< none: no password is asked for
    bool says_nothing = false;                                ///< the file is empty, or holds only comments
    std::vector<std::string> files; ///< where all of that stands; a change of any is a change of it
};

} // namespace replmond::config
