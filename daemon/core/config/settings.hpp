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

/// The bounds of a duration (both inclusive), written as in the documentation and in messages.
struct duration_range {
    std::string_view low;
    std::string_view high;
    std::string_view sample; ///< an example for messages
};

/// The bounds of a whole number, both inclusive.
struct integer_range {
    int low;
    int high;
};

// The validated configuration with its defaults applied, as the rest of the program uses it.
// keys.hpp has the keys in YAML, their ranges and their meaning.

using std::chrono::milliseconds;

/// Custom labels; ordered, so that they are always rendered in the same order.
using label_map = std::map<std::string, std::string>;

struct poll_settings {
    milliseconds interval = std::chrono::minutes(1);
    /// Of one HTTP request, from name resolution to the last byte.
    milliseconds timeout = std::chrono::seconds(10);
    int page_size = 100;
    int concurrency = 16;                                ///< polls in flight over the whole daemon
    milliseconds stale_after = std::chrono::minutes(15); ///< 0: series are removed at the first failed poll

    bool operator==(const poll_settings&) const = default;
};

struct alert_settings {
    milliseconds repeat_interval = std::chrono::hours(1); ///< between two log lines about the same problem

    bool operator==(const alert_settings&) const = default;
};

struct state_settings {
    std::string path;                                     ///< empty: state is kept in memory only
    milliseconds retention = std::chrono::hours(24 * 30); ///< of stored events

    bool operator==(const state_settings&) const = default;
};

/// The source of a secret. It is kept, because the secret is read again before a credential is renewed.
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

/// Temporary keys of the ECS agency, from the metadata service (API.md, section 5.4).
struct metadata_auth {
    bool operator==(const metadata_auth&) const = default;
};

/// Temporary keys of the agency of a pod, from the address that the environment names (API.md, section 13).
struct pod_identity_auth {
    bool operator==(const pod_identity_auth&) const = default;
};

/// Temporary keys for the id token of an identity provider (API.md, section 13).
struct oidc_auth {
    secret_source idp_id; ///< the identity provider's name in IAM
    secret_source id_token;

    bool operator==(const oidc_auth&) const = default;
};

/// Environment, profile file, pod identity, metadata: the provider chain of the official SDKs (API.md,
/// sections 5.5 and 13).
struct default_auth {
    bool operator==(const default_auth&) const = default;
};

using auth_settings = std::variant<aksk_auth, password_auth, token_auth, metadata_auth, pod_identity_auth,
                                   oidc_auth, default_auth>;

/// At most `requests` requests in any time window of the length `window`.
struct rate_limit {
    int requests = 200;
    milliseconds window = std::chrono::minutes(5);

    bool operator==(const rate_limit&) const = default;
};

/// The language of the cloud's error texts.
enum class cloud_language { en_us, zh_cn };

/// The word of the configuration, and the value of the header X-Language.
constexpr std::string_view to_string(cloud_language value) {
    return value == cloud_language::zh_cn ? "zh-cn" : "en-us";
}

/// How a connection to a database is protected.
enum class database_tls {
    verify,  ///< encrypted; the certificate is checked, with the host's name
    require, ///< encrypted; the certificate is not checked
    off
};

/// The word of the configuration.
constexpr std::string_view to_string(database_tls value) {
    return value == database_tls::verify ? "verify" : value == database_tls::require ? "require" : "off";
}

/// A server that speaks MySQL's protocol, and the account on it.
struct database_settings {
    std::string host; ///< a name or an address; empty: the address that the cloud lists (discovery only)
    int port = 3306;
    std::string user;
    secret_source password;
    database_tls tls = database_tls::verify;
    std::optional<std::string> ca_file; ///< PEM, instead of the system's; as written, maybe relative

    bool operator==(const database_settings&) const = default;
};

/// A table, and its database if that is the same for all tasks.
struct table_name {
    std::string database; ///< empty: the database of the task
    std::string table;

    bool operator==(const table_name&) const = default;
};

/// `lag.source`: the heartbeat in TaurusDB.
struct lag_source_settings {
    database_settings database;
    table_name table;
    std::map<std::string, table_name> tasks; ///< by task_name, instead of `table`
    bool write = false;                      ///< replmond writes the row itself

    bool operator==(const lag_source_settings&) const = default;
};

/// `lag`: how far StarRocks is behind, by a heartbeat row (the contract, Lag).
struct lag_settings {
    database_settings database;
    std::optional<milliseconds> interval;           ///< nothing: that of the instance's polls
    milliseconds timeout = std::chrono::seconds(5); ///< connect, log in and read, for one instance
    table_name table{{}, "heartbeat"};
    std::string column = "ts";
    std::optional<milliseconds> alert_above;
    std::map<std::string, table_name> tasks; ///< by task_name, instead of `table`
    std::optional<lag_source_settings> source;

    bool operator==(const lag_settings&) const = default;
};

struct discovery_settings {
    milliseconds interval = std::chrono::minutes(10);
    std::optional<std::string> include; ///< RE2 expressions, searched in the instance's name
    std::optional<std::string> exclude;
    label_map labels;
    std::optional<lag_settings> lag; ///< of the instances that are found

    bool operator==(const discovery_settings&) const = default;
};

struct project_settings {
    std::string name;
    std::string region;
    std::optional<std::string> project_id;
    /// An origin without a trailing slash; nothing: that of the region.
    std::optional<std::string> endpoint;
    /// An origin without a trailing slash; nothing: that of the region.
    std::optional<std::string> iam_endpoint;
    std::optional<std::string> ca_file; ///< PEM, used in addition to the system's; as written, maybe relative
    std::optional<std::string> proxy_url;
    bool insecure_http = false; ///< allow http:// also for addresses that are not loopback
    rate_limit limit;
    cloud_language language = cloud_language::en_us;
    auth_settings auth;
    std::optional<discovery_settings> discover;

    bool operator==(const project_settings&) const = default;
};

struct instance_settings {
    std::string name; ///< unique over all instances; default: the id
    std::string id;
    std::string project; ///< the name of its project; never empty
    milliseconds interval{};
    milliseconds timeout{};
    int page_size = 0;
    label_map labels;
    std::optional<lag_settings> lag;

    bool operator==(const instance_settings&) const = default;
};

struct settings {
    poll_settings poll;
    alert_settings alerts;
    state_settings state;
    std::vector<project_settings> projects;
    std::vector<instance_settings> instances;
    std::string directory; ///< the folder of the configuration file, where relative paths start

    bool operator==(const settings&) const = default;
};

// The content of --web.config.file: TLS, headers and passwords of the HTTP server. It is never printed.

/// `client_auth_type`: NoClientCert, RequestClientCert, RequireAnyClientCert, VerifyClientCertIfGiven,
/// RequireAndVerifyClientCert.
enum class client_certificates { unasked, asked, needed, checked_if_given, needed_and_checked };

enum class tls_version { tls12, tls13 };

/// `tls_server_config`.
struct web_tls_settings {
    std::string certificate; ///< PEM: the certificate, then its intermediates
    std::string key;         ///< PEM: the certificate's private key
    client_certificates clients = client_certificates::unasked;
    std::string client_ca; ///< PEM; empty: none
    /// A client's certificate must have one of these names (subjectAltName, RFC 5280 4.2.1.6). Empty: any
    /// name.
    std::vector<std::string> client_sans;
    tls_version min_version = tls_version::tls12;
    tls_version max_version = tls_version::tls13;
    std::vector<std::string> ciphers; ///< of TLS 1.2, OpenSSL's names; empty: the server's default
    std::vector<std::string> curves;  ///< OpenSSL's names; empty: OpenSSL's default
    bool server_prefers = true;       ///< the server's order of ciphers counts, not the client's
};

/// An entry of `basic_auth_users`.
struct web_user {
    std::string name;
    std::string hash; ///< bcrypt
};

/// The whole web configuration file.
struct web_settings {
    std::optional<web_tls_settings> tls;
    std::vector<std::pair<std::string, std::string>> headers; ///< sent with every answer
    std::vector<web_user> users;                              ///< empty: no password is required
    bool is_empty = false;                                    ///< the file is empty or has only comments
    std::vector<std::string> files; ///< all files that the settings were read from, to notice changes
};

} // namespace replmond::config
