// Reads the section `auth` of a project: the type of credential, and the source of each of its secrets.

#include "daemon/core/config/pod_identity.hpp"
#include "daemon/core/config/read_project.hpp"
#include "daemon/core/config/read_secret.hpp"
#include "daemon/core/config/settings.hpp"
#include "daemon/core/config/values.hpp"
#include "daemon/core/model/instance.hpp"
#include "daemon/core/model/pattern.hpp"
#include "daemon/core/model/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace replmond::config {

namespace {

using kind = secret_source::kind;

constexpr auto aksk_keys = std::to_array<secret_key>({
    {"access_key", "access_key_file", "access_key_env", true},
    {"secret_key", "secret_key_file", "secret_key_env"},
    {"security_token", "security_token_file", "security_token_env", true, true},
});
constexpr auto password_keys = std::to_array<secret_key>({
    {"domain", "domain_file", "domain_env"},
    {"user", "user_file", "user_env"},
    {"password", "password_file", "password_env"},
});
constexpr auto token_keys = std::to_array<secret_key>({{"token", "token_file", "token_env", true}});
constexpr auto oidc_keys = std::to_array<secret_key>({
    {"idp_id", "idp_id_file", "idp_id_env", true},
    {"id_token", "id_token_file", "id_token_env"},
});
// What the official SDKs take the two from (API.md, section 13).
constexpr const char* idp_variable = "HUAWEICLOUD_SDK_IDP_ID";
constexpr const char* id_token_file_variable = "HUAWEICLOUD_SDK_ID_TOKEN_FILE";

struct auth_type {
    std::string_view name;
    std::span<const secret_key> keys;
};

const std::array<auth_type, 7> types{{
    {"aksk", aksk_keys},
    {"password", password_keys},
    {"token", token_keys},
    {"metadata", {}},
    {"pod_identity", {}},
    {"oidc", oidc_keys},
    {"default", {}},
}};

std::string all_types() {
    std::string names;
    for (const auth_type& type : types)
        names += fmt::format("{}{}", names.empty() ? "" : ", ", type.name);
    return names;
}

// The type; null if it is missing or unknown, which is reported.
const auth_type* read_type(const yaml_map& map) {
    const yaml_place* place = map.require("type");
    if (place == nullptr)
        return nullptr;
    const auto name = place->raw_text();
    if (!name)
        return nullptr;
    const auto found =
        std::find_if(types.begin(), types.end(), [&](const auth_type& t) { return t.name == *name; });
    if (found != types.end())
        return &*found;
    std::vector<std::string_view> names;
    for (const auth_type& type : types)
        names.push_back(type.name);
    place->complain_unknown("one of " + all_types(), names);
    return nullptr;
}

void append_keys(const auth_type& type, std::vector<std::string_view>& allowed) {
    for (const secret_key& key : type.keys)
        allowed.insert(allowed.end(), {key.name, key.file, key.environment});
}

// Reports unknown keys. If the type is not known, only keys that no type has are reported.
void check_keys(yaml_map& map, const auth_type* type) {
    std::vector<std::string_view> allowed{"type"};
    if (type != nullptr) {
        append_keys(*type, allowed);
        map.allow_only(allowed, fmt::format(" with type {}", type->name));
        return;
    }
    for (const auth_type& each : types)
        append_keys(each, allowed);
    map.allow_only(allowed, {});
}

std::optional<auth_settings> read_aksk(const yaml_map& map, const lookup& from) {
    const auto access = read_secret_key(map, aksk_keys[0], from);
    const auto secret = read_secret_key(map, aksk_keys[1], from);
    const auto token = read_secret_key(map, aksk_keys[2], from);
    if (!access || !secret)
        return std::nullopt;
    return aksk_auth{access.value(), secret.value(), token};
}

std::optional<auth_settings> read_password(const yaml_map& map, const lookup& from) {
    const auto domain = read_secret_key(map, password_keys[0], from);
    const auto user = read_secret_key(map, password_keys[1], from);
    const auto password = read_secret_key(map, password_keys[2], from);
    if (!domain || !user || !password)
        return std::nullopt;
    return password_auth{domain.value(), user.value(), password.value()};
}

std::optional<auth_settings> read_token(const yaml_map& map, const lookup& from) {
    auto token = read_secret_key(map, token_keys[0], from);
    if (!token)
        return std::nullopt;
    return token_auth{std::move(*token)};
}

// Like read_secret_key(), but where the key is missing the secret comes from an environment variable of the
// SDKs: the secret itself, or the path of its file.
std::optional<secret_source> read_key_or_variable(const yaml_map& map, const secret_key& key,
                                                  const lookup& from, const char* variable, kind otherwise) {
    const auto& entries = map.entries();
    const bool is_given = std::any_of(entries.begin(), entries.end(), [&](const yaml_entry& entry) {
        return form_of(key, entry.key).has_value();
    });
    if (is_given)
        return read_secret_key(map, key, from);
    const std::string value = from.environment(variable).value_or("");
    if (value.empty()) {
        map.place().report(fmt::format("one of {}, {} or {} is required, or the environment variable {}",
                                       key.name, key.file, key.environment, variable));
        return std::nullopt;
    }
    secret_source source{otherwise, otherwise == kind::file ? value : variable};
    const secret_outcome tried = read_secret(source, from);
    if (tried.secret && (!key.goes_into_header || is_visible_ascii(*tried.secret)))
        return source;
    map.place().report(fmt::format("the environment variable {}: {}", variable,
                                   tried.secret ? "expected visible ASCII characters only" : tried.failure));
    return std::nullopt;
}

std::optional<auth_settings> read_oidc(const yaml_map& map, const lookup& from) {
    auto provider = read_key_or_variable(map, oidc_keys[0], from, idp_variable, kind::environment);
    auto token = read_key_or_variable(map, oidc_keys[1], from, id_token_file_variable, kind::file);
    if (!provider || !token)
        return std::nullopt;
    return oidc_auth{std::move(*provider), std::move(*token)};
}

std::optional<auth_settings> read_pod(const yaml_place& place, const lookup& from, bool insecure_http) {
    const auto outcome = read_pod_identity(from, insecure_http);
    const secret_outcome token =
        outcome.found ? read_pod_token(*outcome.found, from) : secret_outcome{std::nullopt, outcome.failure};
    if (token.secret)
        return pod_identity_auth{};
    place.report(token.failure);
    return std::nullopt;
}

} // namespace

std::optional<auth_settings> read_auth(const yaml_place& place, const lookup& from, bool insecure_http) {
    yaml_map map(place.without_text());
    const auth_type* type = place.is_map() ? read_type(map) : nullptr;
    check_keys(map, type);
    if (type == nullptr)
        return std::nullopt;

    if (type->name == "aksk")
        return read_aksk(map, from);
    if (type->name == "password")
        return read_password(map, from);
    if (type->name == "token")
        return read_token(map, from);
    if (type->name == "metadata")
        return metadata_auth{};
    if (type->name == "oidc")
        return read_oidc(map, from);
    if (type->name == "pod_identity")
        return read_pod(place, from, insecure_http);
    return default_auth{};
}

} // namespace replmond::config
