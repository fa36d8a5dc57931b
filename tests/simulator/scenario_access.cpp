// Who may ask: tokens, keys, users, projects and limits of a scenario.
#include "tests/simulator/metadata_service.hpp"
#include "tests/simulator/scenario.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace replmond::simulator {
namespace {

std::string read_text(const mapping& owner, const std::string& key, const YAML::Node& item) {
    if (!item.IsScalar() || item.Scalar().empty())
        throw scenario_error::at(owner.file(), item,
                                 fmt::format("an item of '{}' must be a text that is not empty", key));
    return item.Scalar();
}

const YAML::Node& filled_list(const mapping& owner, const char* key) {
    const YAML::Node& list = owner.list(key);
    if (list.size() == 0)
        owner.refuse(key, "must have an item");
    return list;
}

project_spec read_project_spec(const mapping& root, const YAML::Node& item) {
    if (!item.IsMap()) {
        const std::string id = read_text(root, "projects", item);
        return {id, id};
    }
    const mapping given(root.file(), item, "a project", {"id", "name"});
    return {given.text("id"), given.text_or("name", given.text("id"))};
}

key_spec read_key(const mapping& given) {
    key_spec key;
    key.access = given.text("access");
    key.secret = given.text("secret");
    if (given.has("security_token"))
        key.security_token = given.text("security_token");
    return key;
}

void read_users(const mapping& root, access_spec& access) {
    for (const auto& item : filled_list(root, "users")) {
        const mapping given(root.file(), item, "a user", {"domain", "name", "password"});
        access.users.push_back({given.text("domain"), given.text("name"), given.text("password")});
    }
}

void read_keys(const mapping& root, access_spec& access) {
    std::set<std::string> seen;
    for (const auto& item : filled_list(root, "keys")) {
        const mapping given(root.file(), item, "a key", {"access", "secret", "security_token"});
        access.keys.push_back(read_key(given));
        if (!seen.insert(access.keys.back().access).second)
            given.refuse("access", "is taken by another key");
    }
}

password_lock read_password_lock(const mapping& root) {
    password_lock lock;
    const mapping given(root.file(), root.at("password_lock"), "password_lock", {"after", "lasts"});
    if (given.has("after"))
        lock.after = given.integer("after", 1, 1000);
    lock.lasts = given.duration_or("lasts", lock.lasts);
    return lock;
}

rate_spec read_rate(const mapping& root) {
    rate_spec rate;
    const mapping given(root.file(), root.at("rate"), "rate", {"requests", "window"});
    if (given.has("requests"))
        rate.requests = given.integer("requests", 1, 1'000'000);
    rate.window = given.duration_or("window", rate.window);
    return rate;
}

virtual_time read_key_lifetime(const mapping& given, virtual_time otherwise) {
    const auto lifetime = given.duration_or("key_lifetime", otherwise);
    if (lifetime == virtual_time{0})
        given.refuse("key_lifetime", "must be more than nothing");
    return lifetime;
}

metadata_spec read_metadata(const mapping& root, const std::vector<key_spec>& keys) {
    metadata_spec metadata;
    const mapping given(root.file(), root.at("metadata"), "metadata",
                        {"mode", "plain_status", "agency", "key_lifetime", "access", "secret"});
    const auto mode = metadata_mode_named(given.text_or("mode", "both"));
    if (!mode)
        given.refuse("mode", fmt::format("must be token, plain or both, not '{}'", given.text("mode")));
    metadata.mode = *mode;
    if (given.has("plain_status")) {
        metadata.plain_status = static_cast<int>(given.integer("plain_status", 100, 999));
        if (!is_plain_status(metadata.plain_status))
            given.refuse("plain_status", "must be 404, 405 or 503");
    }
    metadata.agency = given.boolean_or("agency", metadata.agency);
    metadata.key_lifetime = read_key_lifetime(given, metadata.key_lifetime);
    metadata.access = given.text_or("access", metadata.access);
    metadata.secret = given.text_or("secret", metadata.secret);
    // Access keys of issued keys begin with it.
    if (std::any_of(keys.begin(), keys.end(),
                    [&](const key_spec& key) { return key.access.starts_with(metadata.access); }))
        given.refuse(fmt::format("metadata: '{}' begins the access key of one of 'keys'", metadata.access));
    return metadata;
}

pod_identity_spec read_pod_identity(const mapping& root) {
    pod_identity_spec pod;
    const mapping given(root.file(), root.at("pod_identity"), "pod_identity",
                        {"token", "key_lifetime", "access", "secret"});
    pod.token = given.text_or("token", pod.token);
    pod.key_lifetime = read_key_lifetime(given, pod.key_lifetime);
    pod.access = given.text_or("access", pod.access);
    pod.secret = given.text_or("secret", pod.secret);
    return pod;
}

void read_identity_providers(const mapping& root, access_spec& access) {
    for (const auto& item : filled_list(root, "identity_providers")) {
        const mapping given(root.file(), item, "an identity provider", {"id", "id_token", "key_lifetime"});
        identity_provider_spec provider{given.text("id"), given.text("id_token")};
        provider.key_lifetime = read_key_lifetime(given, provider.key_lifetime);
        access.identity_providers.push_back(std::move(provider));
    }
}

} // namespace

access_spec read_access(const mapping& root) {
    access_spec access;
    constexpr std::array sources{"tokens", "keys", "users", "metadata", "pod_identity", "identity_providers"};
    if (std::none_of(sources.begin(), sources.end(), [&](const char* key) { return root.has(key); }))
        root.refuse("a scenario needs 'tokens', 'keys', 'users', 'metadata', 'pod_identity' or "
                    "'identity_providers'");
    if (root.has("tokens")) {
        for (const auto& item : filled_list(root, "tokens"))
            access.tokens.insert(read_text(root, "tokens", item));
    }
    for (const auto& item : filled_list(root, "projects"))
        access.projects.push_back(read_project_spec(root, item));
    if (root.has("keys"))
        read_keys(root, access);
    if (root.has("users"))
        read_users(root, access);
    access.token_lifetime = root.duration_or("token_lifetime", access.token_lifetime);
    if (root.has("password_lock"))
        access.lock = read_password_lock(root);
    if (root.has("rate"))
        access.rate = read_rate(root);
    if (root.has("metadata"))
        access.metadata = read_metadata(root, access.keys);
    if (root.has("pod_identity"))
        access.pod_identity = read_pod_identity(root);
    if (root.has("identity_providers"))
        read_identity_providers(root, access);
    return access;
}

// A scenario with one project need not repeat it everywhere.
std::string read_project(const mapping& owner, const std::vector<project_spec>& projects) {
    if (!owner.has("project")) {
        if (projects.size() > 1)
            owner.refuse("needs 'project' where there are several");
        return projects.front().id;
    }
    std::string wanted = owner.text("project");
    if (std::none_of(projects.begin(), projects.end(),
                     [&](const project_spec& project) { return project.id == wanted; }))
        owner.refuse("project", fmt::format("'{}' is not one of 'projects'", wanted));
    return wanted;
}

} // namespace replmond::simulator
