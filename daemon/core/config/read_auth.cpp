// Reads the section `auth` of a project: the type of credential, and the source of each of its secrets.

#include "daemon/core/config/keys.hpp"
#include "daemon/core/config/pod_identity.hpp"
#include "daemon/core/config/read_project.hpp"
#include "daemon/core/config/read_secret.hpp"
#include "daemon/core/config/settings.hpp"
#include "daemon/core/model/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace replmond::config {

namespace {

using kind = secret_source::kind;

// The type; nothing if it is missing or unknown, which is reported.
std::optional<std::string_view> read_type(const yaml_map& map) {
    const yaml_place* place = map.require("type");
    if (place == nullptr || !place->raw_text())
        return std::nullopt;
    return read_choice(map, "type");
}

// Reports keys that belong to another type. If the type is not known, only keys that no type has are
// reported.
void check_keys(yaml_map& map, std::optional<std::string_view> type) {
    if (type)
        map.allow_only(auth_keys().names_with_type(*type), fmt::format(" with type {}", *type));
    else
        map.allow_only(auth_keys().names(), {});
}

std::optional<auth_settings> read_aksk(const yaml_map& map, const lookup& from) {
    const auto access = read_secret_key(map, "access_key", from);
    const auto secret = read_secret_key(map, "secret_key", from);
    const auto token = read_secret_key(map, "security_token", from);
    if (!access || !secret)
        return std::nullopt;
    return aksk_auth{access.value(), secret.value(), token};
}

std::optional<auth_settings> read_password(const yaml_map& map, const lookup& from) {
    const auto domain = read_secret_key(map, "domain", from);
    const auto user = read_secret_key(map, "user", from);
    const auto password = read_secret_key(map, "password", from);
    if (!domain || !user || !password)
        return std::nullopt;
    return password_auth{domain.value(), user.value(), password.value()};
}

std::optional<auth_settings> read_token(const yaml_map& map, const lookup& from) {
    auto token = read_secret_key(map, "token", from);
    if (!token)
        return std::nullopt;
    return token_auth{std::move(*token)};
}

// Like read_secret_key(), but where the key is missing the secret comes from an environment variable of the
// SDKs: the secret itself, or the path of its file.
std::optional<secret_source> read_key_or_variable(const yaml_map& map, std::string_view name,
                                                  const lookup& from, kind otherwise) {
    const config_key& key = map.row(name);
    const std::string variable(key.variable);
    const auto& entries = map.entries();
    const bool is_given = std::any_of(entries.begin(), entries.end(), [&](const yaml_entry& entry) {
        return form_of(key, entry.key).has_value();
    });
    if (is_given)
        return read_secret_key(map, name, from);
    const std::string value = from.environment(variable).value_or("");
    if (value.empty()) {
        map.place().report(fmt::format("one of {}, {} or {} is required, or the environment variable {}",
                                       key.name, key.file_key, key.environment_key, variable));
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
    auto provider = read_key_or_variable(map, "idp_id", from, kind::environment);
    auto token = read_key_or_variable(map, "id_token", from, kind::file);
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
    auto map = yaml_map::with_any_key(place.without_text(), auth_keys());
    const auto type = place.is_map() ? read_type(map) : std::nullopt;
    check_keys(map, type);
    if (!type)
        return std::nullopt;

    if (*type == "aksk")
        return read_aksk(map, from);
    if (*type == "password")
        return read_password(map, from);
    if (*type == "token")
        return read_token(map, from);
    if (*type == "metadata")
        return metadata_auth{};
    if (*type == "oidc")
        return read_oidc(map, from);
    if (*type == "pod_identity")
        return read_pod(place, from, insecure_http);
    return default_auth{};
}

} // namespace replmond::config
