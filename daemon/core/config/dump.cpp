// Writes the configuration in force as YAML without secrets, for the page /config. It works in steps, since
// there may be thousands of instances.

#include "daemon/core/config/dump.hpp"

#include "daemon/core/config/values.hpp"

#include <fmt/format.h>
#include <yaml-cpp/emitter.h>

#include <utility>
#include <variant>

namespace replmond::config {

namespace {

constexpr const char* hidden = "<secret>";
constexpr std::size_t written_in_a_step = 16; // projects or instances; each takes some tens of microseconds

template<class T>
void put(YAML::Emitter& out, const char* key, const T& value) {
    out << YAML::Key << key << YAML::Value << value;
}

void put(YAML::Emitter& out, const char* key, milliseconds value) {
    put(out, key, format_duration(value));
}

// Texts are quoted, so that an id that consists of digits or a name such as "yes" is read back as text.
void put_text(YAML::Emitter& out, const char* key, const std::string& value) {
    out << YAML::Key << key << YAML::Value << YAML::DoubleQuoted << value;
}

void put_text(YAML::Emitter& out, const char* key, const std::optional<std::string>& value) {
    if (value)
        put_text(out, key, *value);
}

void put_labels(YAML::Emitter& out, const label_map& labels) {
    if (labels.empty())
        return;
    out << YAML::Key << "labels" << YAML::Value << YAML::BeginMap;
    for (const auto& [key, value] : labels)
        put_text(out, key.c_str(), value);
    out << YAML::EndMap;
}

void put_secret(YAML::Emitter& out, const std::string& key, const secret_source& source) {
    switch (source.from) {
    case secret_source::kind::value:
        put(out, key.c_str(), hidden);
        break;
    case secret_source::kind::file:
        put_text(out, (key + "_file").c_str(), source.text);
        break;
    case secret_source::kind::environment:
        put_text(out, (key + "_env").c_str(), source.text);
        break;
    }
}

struct auth_dump {
    YAML::Emitter& out;

    void operator()(const aksk_auth& auth) const {
        put(out, "type", "aksk");
        put_secret(out, "access_key", auth.access_key);
        put_secret(out, "secret_key", auth.secret_key);
        if (auth.security_token)
            put_secret(out, "security_token", *auth.security_token);
    }
    void operator()(const password_auth& auth) const {
        put(out, "type", "password");
        put_secret(out, "domain", auth.domain);
        put_secret(out, "user", auth.user);
        put_secret(out, "password", auth.password);
    }
    void operator()(const token_auth& auth) const {
        put(out, "type", "token");
        put_secret(out, "token", auth.token);
    }
    void operator()(const metadata_auth&) const { put(out, "type", "metadata"); }
    void operator()(const pod_identity_auth&) const { put(out, "type", "pod_identity"); }
    void operator()(const oidc_auth& auth) const {
        put(out, "type", "oidc");
        put_secret(out, "idp_id", auth.idp_id);
        put_secret(out, "id_token", auth.id_token);
    }
    void operator()(const default_auth&) const { put(out, "type", "default"); }
};

std::string shown_table(const table_name& name) {
    return name.database.empty() ? name.table : name.database + '.' + name.table;
}

void put_tables(YAML::Emitter& out, const std::map<std::string, table_name>& tables) {
    if (tables.empty())
        return;
    out << YAML::Key << "tasks" << YAML::Value << YAML::BeginMap;
    for (const auto& [task, table] : tables)
        out << YAML::Key << YAML::DoubleQuoted << task << YAML::Value << YAML::DoubleQuoted
            << shown_table(table);
    out << YAML::EndMap;
}

void put_database(YAML::Emitter& out, const database_settings& database) {
    if (!database.host.empty())
        put_text(out, "host", database.host);
    put(out, "port", database.port);
    put_text(out, "user", database.user);
    put_secret(out, "password", database.password);
    put(out, "tls", std::string(to_string(database.tls)));
    put_text(out, "ca_file", database.ca_file);
}

void put_lag(YAML::Emitter& out, const std::optional<lag_settings>& lag) {
    if (!lag)
        return;
    out << YAML::Key << "lag" << YAML::Value << YAML::BeginMap;
    put_database(out, lag->database);
    if (lag->interval)
        put(out, "interval", *lag->interval);
    put(out, "timeout", lag->timeout);
    put_text(out, "table", shown_table(lag->table));
    put_text(out, "column", lag->column);
    if (lag->alert_above)
        put(out, "alert_above", *lag->alert_above);
    put_tables(out, lag->tasks);
    if (lag->source) {
        out << YAML::Key << "source" << YAML::Value << YAML::BeginMap;
        put_database(out, lag->source->database);
        put_text(out, "table", shown_table(lag->source->table));
        put_tables(out, lag->source->tasks);
        put(out, "write", lag->source->write);
        out << YAML::EndMap;
    }
    out << YAML::EndMap;
}

// http://user:password@host -> http://<secret>@host
std::string without_credentials(const std::string& url) {
    const std::size_t scheme = url.find("://");
    const std::size_t at = url.rfind('@');
    if (scheme == std::string::npos || at == std::string::npos)
        return url;
    return url.substr(0, scheme + 3) + hidden + url.substr(at);
}

void put_project(YAML::Emitter& out, const project_settings& project) {
    out << YAML::BeginMap;
    put_text(out, "name", project.name);
    put_text(out, "region", project.region);
    put_text(out, "project_id", project.project_id);
    put_text(out, "endpoint", project.endpoint);
    put_text(out, "iam_endpoint", project.iam_endpoint);
    put(out, "insecure_http", project.insecure_http);
    put_text(out, "ca_file", project.ca_file);
    if (project.proxy_url)
        put_text(out, "proxy_url", without_credentials(*project.proxy_url));
    put(out, "rate_limit",
        fmt::format("{}/{}", project.limit.requests, format_duration(project.limit.window)));
    put(out, "language", std::string(to_string(project.language)));
    out << YAML::Key << "auth" << YAML::Value << YAML::BeginMap;
    std::visit(auth_dump{out}, project.auth);
    out << YAML::EndMap;
    if (project.discover) {
        out << YAML::Key << "discover" << YAML::Value << YAML::BeginMap;
        put(out, "interval", project.discover->interval);
        put_text(out, "include", project.discover->include);
        put_text(out, "exclude", project.discover->exclude);
        put_labels(out, project.discover->labels);
        put_lag(out, project.discover->lag);
        out << YAML::EndMap;
    }
    out << YAML::EndMap;
}

void put_instance(YAML::Emitter& out, const instance_settings& instance) {
    out << YAML::BeginMap;
    put_text(out, "name", instance.name);
    put_text(out, "id", instance.id);
    put_text(out, "project", instance.project);
    put(out, "interval", instance.interval);
    put(out, "timeout", instance.timeout);
    put(out, "page_size", instance.page_size);
    put_labels(out, instance.labels);
    put_lag(out, instance.lag);
    out << YAML::EndMap;
}

void put_sections(YAML::Emitter& out, const settings& in_force) {
    out << YAML::Key << "poll" << YAML::Value << YAML::BeginMap;
    put(out, "interval", in_force.poll.interval);
    put(out, "timeout", in_force.poll.timeout);
    put(out, "page_size", in_force.poll.page_size);
    put(out, "concurrency", in_force.poll.concurrency);
    put(out, "stale_after", in_force.poll.stale_after);
    out << YAML::EndMap << YAML::Key << "alerts" << YAML::Value << YAML::BeginMap;
    put(out, "repeat_interval", in_force.alerts.repeat_interval);
    out << YAML::EndMap << YAML::Key << "state" << YAML::Value << YAML::BeginMap;
    if (!in_force.state.path.empty())
        put_text(out, "path", in_force.state.path);
    put(out, "retention", in_force.state.retention);
    out << YAML::EndMap;
}

} // namespace

struct dumping::emitter {
    YAML::Emitter yaml;
};

dumping::dumping(settings in_force) : in_force_(std::move(in_force)), out_(std::make_unique<emitter>()) {}

dumping::~dumping() = default;

bool dumping::step() {
    YAML::Emitter& out = out_->yaml;
    switch (at_) {
    case part::begin:
        out << YAML::BeginMap;
        put_sections(out, in_force_);
        out << YAML::Key << "projects" << YAML::Value << YAML::BeginSeq;
        at_ = part::projects;
        break;
    case part::projects:
        for (std::size_t i = 0; i < written_in_a_step && next_ < in_force_.projects.size(); ++i, ++next_)
            put_project(out, in_force_.projects[next_]);
        if (next_ < in_force_.projects.size())
            break;
        out << YAML::EndSeq << YAML::Key << "instances" << YAML::Value << YAML::BeginSeq;
        next_ = 0;
        at_ = part::instances;
        break;
    case part::instances:
        for (std::size_t i = 0; i < written_in_a_step && next_ < in_force_.instances.size(); ++i, ++next_)
            put_instance(out, in_force_.instances[next_]);
        if (next_ < in_force_.instances.size())
            break;
        out << YAML::EndSeq << YAML::EndMap;
        at_ = part::end;
        break;
    case part::end:
        break;
    }
    return at_ == part::end;
}

std::string dumping::text() const {
    return std::string(out_->yaml.c_str(), out_->yaml.size()) + '\n';
}

} // namespace replmond::config
