// Makes the clients of a configured project: endpoints, proxy, and the kind of credential.

#include "daemon/cloud/connect_project.hpp"

#include "daemon/cloud/credential_sources.hpp"
#include "daemon/core/auth/passwords.hpp"
#include "daemon/core/cloud/endpoints.hpp"
#include "daemon/core/cloud/sdk_profile.hpp"
#include "daemon/core/config/pod_identity.hpp"
#include "daemon/core/model/text.hpp"
#include "daemon/core/model/version.hpp"

#include <fmt/format.h>

#include <stdexcept>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace replmond::cloud {

namespace {

constexpr const char* metadata_address = "http://169.254.169.254";

http::origin origin_of(const std::string& project, const std::string& url) {
    const auto origin = http::parse_origin(url);
    if (!origin)
        throw std::runtime_error(fmt::format("project {}: not an endpoint: {}", project, url));
    return *origin;
}

client::client_settings client_settings_of(const config::project_settings& project,
                                           const config::lookup& places,
                                           const std::shared_ptr<client::resolver>& names,
                                           const http::origin& to, std::size_t most_idle) {
    client::client_settings client;
    client.names = names;
    if (const std::string hint = other_prefixes_hint(to.host); !hint.empty())
        client.unresolved_hint = "; " + hint;
    client.user_agent = fmt::format("replmond/{}", version);
    if (project.ca_file)
        client.ca_file = config::beside_config(*project.ca_file, places);
    auto chosen = http::choose_proxy(project.proxy_url, places.environment, to);
    if (!chosen)
        throw std::runtime_error(fmt::format("project {}: {}", project.name, chosen.error().error_msg));
    client.proxy = std::move(*chosen);
    client.most_idle = most_idle;
    return client;
}

// The secrets that a proxy is sent: the encoded login and the password in it (RFC 7617).
std::vector<std::string> secrets_of(const std::optional<http::proxy>& proxy) {
    constexpr std::string_view scheme = "Basic ";
    std::vector<std::string> secrets;
    if (!proxy || !proxy->authorization.starts_with(scheme))
        return secrets;
    secrets.push_back(proxy->authorization.substr(scheme.size()));
    if (auto login = auth::parse_basic(proxy->authorization))
        secrets.push_back(std::move(login->password));
    return secrets;
}

failure unreadable(const char* what, const std::string& why) {
    return make_failure(poll_result::auth, fmt::format("{}: {}", what, why));
}

result<std::string> read(const char* what, const config::secret_source& source,
                         const config::lookup& places) {
    auto secret = config::read_secret(source, places);
    if (!secret.secret)
        return unreadable(what, secret.failure);
    return std::move(*secret.secret);
}

// Reads a secret that is sent as a header value without encoding.
result<std::string> read_visible(const char* what, const config::secret_source& source,
                                 const config::lookup& places) {
    auto secret = read(what, source, places);
    if (secret && !is_visible_ascii(*secret))
        return unreadable(what, "expected visible ASCII characters only");
    return secret;
}

result<credential> read_key(const config::aksk_auth& auth, const config::lookup& places) {
    const auto access = read_visible("access_key", auth.access_key, places);
    if (!access)
        return access.error();
    const auto secret = read("secret_key", auth.secret_key, places);
    if (!secret)
        return secret.error();
    signing_key key{*access, *secret, std::nullopt};
    if (auth.security_token) {
        const auto token = read_visible("security_token", *auth.security_token, places);
        if (!token)
            return token.error();
        key.security_token = *token;
    }
    credential read;
    read.source = fmt::format("access key {} of the configuration", last_four(key.access));
    read.secret = std::move(key);
    return read;
}

result<credential> read_token(const config::token_auth& auth, const config::lookup& places) {
    const auto token = read_visible("token", auth.token, places);
    if (!token)
        return token.error();
    credential read;
    read.secret = *token;
    read.source = "token of the configuration";
    return read;
}

result<password_login> read_login(const config::password_auth& auth, const config::lookup& places,
                                  const config::project_settings& project) {
    const auto domain = read("domain", auth.domain, places);
    if (!domain)
        return domain.error();
    const auto user = read("user", auth.user, places);
    if (!user)
        return user.error();
    const auto password = read("password", auth.password, places);
    if (!password)
        return password.error();
    return password_login{*domain, *user, *password, project.region, project.project_id};
}

result<oidc_login> read_login(const config::oidc_auth& auth, const config::lookup& places,
                              const config::project_settings& project) {
    const auto provider = read_visible("idp_id", auth.idp_id, places);
    if (!provider)
        return provider.error();
    const auto token = read("id_token", auth.id_token, places);
    if (!token)
        return token.error();
    return oidc_login{*provider, std::string(trimmed(*token)), project.region, project.project_id};
}

// The environment, then the profile file: the local part of the official SDKs' chain (API.md, sections 5.5
// and 13).
std::optional<result<sdk_credential>> read_sdk_places(const config::lookup& places) {
    if (auto found = from_environment(places))
        return found;
    return from_profile(places);
}

std::optional<result<host_credential>> read_host(const config::lookup& places,
                                                 const config::project_settings& project) {
    auto found = read_sdk_places(places);
    if (!found)
        return std::nullopt;
    if (!*found)
        return found->error();
    if (auto* key = std::get_if<credential>(&**found))
        return host_credential(std::move(*key));
    auto& provider = std::get<identity_provider>(**found);
    return host_credential(oidc_login{std::move(provider.idp_id), std::move(provider.id_token),
                                      project.region,
                                      project.project_id ? project.project_id : provider.project_id});
}

// The configured endpoint first, then the one that the SDKs' environment or profile names, then the region's.
std::string iam_endpoint_of(const config::project_settings& project, const config::lookup& places) {
    if (project.iam_endpoint)
        return *project.iam_endpoint;
    if (std::holds_alternative<config::default_auth>(project.auth)) {
        const auto found = read_sdk_places(places);
        const auto named = found && *found ? iam_endpoint_of(**found) : std::nullopt;
        if (named)
            return *named;
    }
    return default_iam_endpoint(project.region);
}

// What is needed to make the credential source of one project, by auth.type.
struct source_maker {
    const config::project_settings& project;
    const config::lookup& places;
    std::shared_ptr<client::resolver> names;
    std::shared_ptr<client::http_client> iam;
    milliseconds timeout;
    request_observer observer;
    std::shared_ptr<permit_source> permits;
    secret_mask mask; ///< secrets other than the credential itself

    std::unique_ptr<credential_source> operator()(const config::aksk_auth& auth) const {
        return make_local_source([auth, from = places] { return read_key(auth, from); });
    }

    std::unique_ptr<credential_source> operator()(const config::token_auth& auth) const {
        return make_local_source([auth, from = places] { return read_token(auth, from); });
    }

    iam_access iam_access_of_project() const {
        iam_access access;
        access.client = iam;
        access.timeout = timeout;
        access.permits = permits;
        access.observer = observer;
        access.mask = mask;
        return access;
    }

    // Never through a proxy: a link-local address would be another host there (API.md, section 5.4).
    client::client_settings settings_without_proxy() const {
        client::client_settings client;
        client.names = names;
        client.user_agent = fmt::format("replmond/{}", version);
        return client;
    }

    std::unique_ptr<credential_source> operator()(const config::password_auth& auth) const {
        return make_password_source(
            [auth, from = places, of = project] { return read_login(auth, from, of); },
            iam_access_of_project());
    }

    std::unique_ptr<credential_source> operator()(const config::oidc_auth& auth) const {
        return make_oidc_source([auth, from = places, of = project] { return read_login(auth, from, of); },
                                iam_access_of_project());
    }

    std::unique_ptr<credential_source> operator()(const config::metadata_auth&) const {
        const std::string address =
            places.environment("REPLMOND_METADATA_ENDPOINT").value_or(metadata_address);
        metadata_access access;
        access.client = client::make_http_client(origin_of(project.name, address), settings_without_proxy());
        access.observer = observer;
        return make_metadata_source(std::move(access));
    }

    std::unique_ptr<credential_source> operator()(const config::pod_identity_auth&) const {
        const auto outcome = config::read_pod_identity(places, project.insecure_http);
        if (!outcome.found) {
            const failure why = make_failure(poll_result::auth, outcome.failure);
            return make_local_source([why]() -> result<credential> { return why; });
        }
        const config::pod_identity& place = *outcome.found;
        auto client = settings_without_proxy();
        if (project.ca_file)
            client.ca_file = config::beside_config(*project.ca_file, places);
        pod_identity_access access;
        access.client = client::make_http_client(origin_of(project.name, place.origin), std::move(client));
        access.target = place.target;
        access.observer = observer;
        auto read = [place, from = places]() -> result<std::string> {
            auto token = config::read_pod_token(place, from);
            if (!token.secret)
                return unreadable("the token of the pod identity", token.failure);
            return std::move(*token.secret);
        };
        return make_pod_identity_source(std::move(read), std::move(access));
    }

    // A pod identity comes before the metadata service, which would give the agency of the pod's node.
    std::unique_ptr<credential_source> operator()(const config::default_auth&) const {
        auto local = [from = places, of = project] { return read_host(from, of); };
        auto otherwise = config::names_pod_identity(places) ? (*this)(config::pod_identity_auth{})
                                                            : (*this)(config::metadata_auth{});
        return make_chain_source(std::move(local), iam_access_of_project(), std::move(otherwise));
    }
};

} // namespace

service_route route_to_service(const config::project_settings& project, const config::lookup& places,
                               const std::shared_ptr<client::resolver>& names, std::size_t most_idle) {
    service_route route;
    route.to = origin_of(project.name, project.endpoint.value_or(default_endpoint(project.region)));
    route.client = client_settings_of(project, places, names, route.to, most_idle);
    return route;
}

std::shared_ptr<authenticated_client>
make_authenticated_client(const boost::asio::any_io_executor& executor,
                          const config::project_settings& project, milliseconds timeout,
                          const config::lookup& places, const std::shared_ptr<client::resolver>& names,
                          project_callbacks callbacks, std::size_t most_idle) {
    authenticated_client_options access;
    access.language = to_string(project.language);
    access.project_id = project.project_id;
    access.region = project.region;
    service_route route = route_to_service(project, places, names, most_idle);
    access.origin = route.to;
    client::client_settings client = std::move(route.client);
    access.iam_origin = origin_of(project.name, iam_endpoint_of(project, places));
    auto iam_client = client_settings_of(project, places, names, access.iam_origin, most_idle);
    std::vector<std::string> secrets = secrets_of(client.proxy);
    for (std::string& one : secrets_of(iam_client.proxy))
        secrets.push_back(std::move(one));
    access.client = client::make_http_client(access.origin, std::move(client));
    access.iam_client = client::make_http_client(access.iam_origin, std::move(iam_client));
    access.observer = callbacks.request;
    access.own_permits = callbacks.permits;

    source_maker make{project,           places, names, access.iam_client, timeout, callbacks.request,
                      callbacks.permits, {}};
    for (const std::string& one : secrets)
        make.mask.add(one);
    access.keys = std::make_unique<credentials>(executor, project.name, std::visit(make, project.auth),
                                                std::move(callbacks.credential));
    for (const std::string& one : secrets)
        access.keys->also_secret(one);
    return std::make_shared<authenticated_client>(std::move(access));
}

std::unique_ptr<project_api> connect_project(const boost::asio::any_io_executor& executor,
                                             const config::project_settings& project, milliseconds timeout,
                                             const config::lookup& places,
                                             const std::shared_ptr<client::resolver>& names,
                                             project_callbacks callbacks, std::size_t most_idle) {
    return make_project_api(make_authenticated_client(executor, project, timeout, places, names,
                                                      std::move(callbacks), most_idle));
}

} // namespace replmond::cloud
