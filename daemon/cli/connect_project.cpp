#include "daemon/cli/connect_project.hpp"

#include "daemon/access/basic_credentials.hpp"
#include "daemon/cloud/credential_sources.hpp"
#include "daemon/cloud/endpoints.hpp"
#include "daemon/cloud/sdk_profile.hpp"
#include "daemon/model/text.hpp"
#include "daemon/model/version.hpp"

#include <fmt/format.h>

#include <stdexcept>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace replmond::cli {
namespace {

constexpr const char* metadata_address = "http://169.254.169.254";

net::origin origin_of(const std::string& project, const std::string& url) {
    const auto origin = net::parse_origin(url);
    if (!origin)
        throw std::runtime_error(fmt::format("project {}: not an endpoint: {}", project, url));
    return *origin;
}

net::client_settings client_settings_of(const config::project_settings& project, const config::lookup& places,
                                        const std::shared_ptr<net::resolver>& names, const net::origin& to,
                                        std::size_t most_idle) {
    net::client_settings client;
    client.names = names;
    if (const std::string hint = cloud::other_prefixes_hint(to.host); !hint.empty())
        client.unresolved_hint = "; " + hint;
    client.user_agent = fmt::format("replmond/{}", version);
    if (project.ca_file)
        client.ca_file = config::beside_config(*project.ca_file, places);
    auto chosen = net::choose_proxy(project.proxy_url, places.environment, to);
    if (!chosen)
        throw std::runtime_error(fmt::format("project {}: {}", project.name, chosen.error().error_msg));
    client.proxy = std::move(*chosen);
    client.most_idle = most_idle;
    return client;
}

// What a proxy is given: as it is sent, and the password in it.
std::vector<std::string> secrets_of(const std::optional<net::proxy>& proxy) {
    constexpr std::string_view scheme = "Basic ";
    std::vector<std::string> secrets;
    if (!proxy || !proxy->authorization.starts_with(scheme))
        return secrets;
    secrets.push_back(proxy->authorization.substr(scheme.size()));
    if (auto login = access::parse_basic(proxy->authorization))
        secrets.push_back(std::move(login->password));
    return secrets;
}

failure unreadable(const char* what, const std::string& why) {
    failure f;
    f.result = poll_result::auth;
    f.error_msg = fmt::format("{}: {}", what, why);
    return f;
}

result<std::string> read(const char* what, const config::secret_source& source,
                         const config::lookup& places) {
    auto secret = config::read_secret(source, places);
    if (!secret.secret)
        return unreadable(what, secret.failure);
    return std::move(*secret.secret);
}

// Of what is sent in a header as it is.
result<std::string> read_visible(const char* what, const config::secret_source& source,
                                 const config::lookup& places) {
    auto secret = read(what, source, places);
    if (secret && !is_visible_ascii(*secret))
        return unreadable(what, "expected visible ASCII characters only");
    return secret;
}

result<cloud::credential> read_key(const config::aksk_auth& auth, const config::lookup& places) {
    const auto access = read_visible("access_key", auth.access_key, places);
    if (!access)
        return access.error();
    const auto secret = read("secret_key", auth.secret_key, places);
    if (!secret)
        return secret.error();
    cloud::signing_key key{*access, *secret, std::nullopt};
    if (auth.security_token) {
        const auto token = read_visible("security_token", *auth.security_token, places);
        if (!token)
            return token.error();
        key.security_token = *token;
    }
    cloud::credential read;
    read.source = fmt::format("access key {} of the configuration", cloud::last_four(key.access));
    read.secret = std::move(key);
    return read;
}

result<cloud::credential> read_token(const config::token_auth& auth, const config::lookup& places) {
    const auto token = read_visible("token", auth.token, places);
    if (!token)
        return token.error();
    cloud::credential read;
    read.secret = *token;
    read.source = "token of the configuration";
    return read;
}

result<cloud::password_login> read_login(const config::password_auth& auth, const config::lookup& places,
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
    return cloud::password_login{*domain, *user, *password, project.region, project.project_id};
}

// The official SDKs' chain, as far as it is on this host.
std::optional<result<cloud::credential>> read_sdk_places(const config::lookup& places) {
    if (auto found = cloud::from_environment(places))
        return found;
    return cloud::from_profile(places);
}

// The configuration first, then what stands beside the key in the SDKs' places, then the region's.
std::string iam_endpoint_of(const config::project_settings& project, const config::lookup& places) {
    if (project.iam_endpoint)
        return *project.iam_endpoint;
    if (std::holds_alternative<config::default_auth>(project.auth)) {
        const auto found = read_sdk_places(places);
        if (found && *found && (*found)->iam_endpoint)
            return *(*found)->iam_endpoint;
    }
    return cloud::default_iam_endpoint(project.region);
}

// What one project's credential may need to be obtained.
struct source_maker {
    const config::project_settings& project;
    const config::lookup& places;
    std::shared_ptr<net::resolver> names;
    std::shared_ptr<net::http_client> iam;
    milliseconds timeout;
    cloud::request_observer observer;
    std::shared_ptr<cloud::request_gate> gate;
    cloud::secret_mask mask; ///< what is secret beside the credential

    std::unique_ptr<cloud::credential_source> operator()(const config::aksk_auth& auth) const {
        return cloud::make_local_source([auth, from = places] { return read_key(auth, from); });
    }

    std::unique_ptr<cloud::credential_source> operator()(const config::token_auth& auth) const {
        return cloud::make_local_source([auth, from = places] { return read_token(auth, from); });
    }

    std::unique_ptr<cloud::credential_source> operator()(const config::password_auth& auth) const {
        cloud::iam_access access;
        access.client = iam;
        access.timeout = timeout;
        access.gate = gate;
        access.observer = observer;
        access.mask = mask;
        return cloud::make_password_source(
            [auth, from = places, of = project] { return read_login(auth, from, of); }, std::move(access));
    }

    std::unique_ptr<cloud::credential_source> operator()(const config::metadata_auth&) const {
        const std::string address =
            places.environment("REPLMOND_METADATA_ENDPOINT").value_or(metadata_address);
        net::client_settings client;
        client.names = names;
        client.user_agent = fmt::format("replmond/{}", version);
        cloud::metadata_access access;
        // Never through a proxy: the address means another host there.
        access.client = net::make_http_client(origin_of(project.name, address), std::move(client));
        access.observer = observer;
        return cloud::make_metadata_source(std::move(access));
    }

    std::unique_ptr<cloud::credential_source> operator()(const config::default_auth&) const {
        auto local = [from = places] { return read_sdk_places(from); };
        return cloud::make_chain_source(std::move(local), (*this)(config::metadata_auth{}));
    }
};

} // namespace

std::shared_ptr<cloud::project_line> open_project_line(const boost::asio::any_io_executor& executor,
                                                       const config::project_settings& project,
                                                       milliseconds timeout, const config::lookup& places,
                                                       const std::shared_ptr<net::resolver>& names,
                                                       project_hooks hooks, std::size_t most_idle) {
    const std::string endpoint = project.endpoint.value_or(cloud::default_endpoint(project.region));

    cloud::project_access access;
    access.project_id = project.project_id;
    access.region = project.region;
    access.origin = origin_of(project.name, endpoint);
    auto client = client_settings_of(project, places, names, access.origin, most_idle);
    access.iam_origin = origin_of(project.name, iam_endpoint_of(project, places));
    auto iam_client = client_settings_of(project, places, names, access.iam_origin, most_idle);
    std::vector<std::string> secrets = secrets_of(client.proxy);
    for (std::string& one : secrets_of(iam_client.proxy))
        secrets.push_back(std::move(one));
    access.client = net::make_http_client(access.origin, std::move(client));
    access.iam_client = net::make_http_client(access.iam_origin, std::move(iam_client));
    access.observer = hooks.request;
    access.own_gate = hooks.gate;

    source_maker make{project, places, names, access.iam_client, timeout, hooks.request, hooks.gate, {}};
    for (const std::string& one : secrets)
        make.mask.add(one);
    access.keys = std::make_unique<cloud::credentials>(executor, project.name, std::visit(make, project.auth),
                                                       std::move(hooks.credential));
    for (const std::string& one : secrets)
        access.keys->also_secret(one);
    return std::make_shared<cloud::project_line>(std::move(access));
}

std::unique_ptr<cloud::project_api> connect_project(const boost::asio::any_io_executor& executor,
                                                    const config::project_settings& project,
                                                    milliseconds timeout, const config::lookup& places,
                                                    const std::shared_ptr<net::resolver>& names,
                                                    project_hooks hooks, std::size_t most_idle) {
    return cloud::make_project_api(
        open_project_line(executor, project, timeout, places, names, std::move(hooks), most_idle));
}

} // namespace replmond::cli
