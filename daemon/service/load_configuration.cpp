// Loads the configuration for every command: the file, and what the environment adds.

#include "daemon/service/load_configuration.hpp"

#include "daemon/core/cloud/endpoints.hpp"
#include "daemon/core/http/proxy.hpp"
#include "daemon/core/http/url.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <sys/stat.h>
#include <variant>

namespace replmond::service {

namespace {

bool is_inline(const config::secret_source& source) {
    return source.from == config::secret_source::kind::value;
}

struct holds_a_secret {
    bool operator()(const config::aksk_auth& auth) const {
        return is_inline(auth.secret_key) || (auth.security_token && is_inline(*auth.security_token));
    }
    bool operator()(const config::password_auth& auth) const { return is_inline(auth.password); }
    bool operator()(const config::token_auth& auth) const { return is_inline(auth.token); }
    bool operator()(const config::metadata_auth&) const { return false; }
    bool operator()(const config::pod_identity_auth&) const { return false; }
    bool operator()(const config::oidc_auth& auth) const { return is_inline(auth.id_token); }
    bool operator()(const config::default_auth&) const { return false; }
};

bool others_can_read(const std::string& path) {
    struct stat file {};
    return stat(path.c_str(), &file) == 0 && (file.st_mode & S_IROTH) != 0;
}

// What is wrong with the environment's proxy for one endpoint; empty if nothing is.
std::string wrong_with_proxy(const config::project_settings& project, const std::string& endpoint,
                             const config::lookup& places) {
    const auto to = http::parse_origin(endpoint);
    if (!to)
        return {};
    const auto chosen = http::choose_proxy(project.proxy_url, places.environment, *to);
    return chosen ? std::string() : chosen.error().error_msg;
}

// HTTPS_PROXY is not part of the file, but projects cannot be connected if it is invalid.
void check_proxies(config::load_outcome& outcome, const config::lookup& places) {
    for (const config::project_settings& project : outcome.loaded->projects) {
        std::string wrong = wrong_with_proxy(
            project, project.endpoint.value_or(cloud::default_endpoint(project.region)), places);
        if (wrong.empty())
            wrong = wrong_with_proxy(
                project, project.iam_endpoint.value_or(cloud::default_iam_endpoint(project.region)), places);
        if (!wrong.empty())
            outcome.problems.push_back({0, 0, fmt::format("project {}: {}", project.name, wrong)});
    }
    if (!outcome.problems.empty())
        outcome.loaded.reset();
}

} // namespace

config::load_outcome load_configuration(const std::string& path, const config::lookup& places) {
    auto outcome = config::load_file(path, places);
    if (outcome.loaded)
        check_proxies(outcome, places);
    if (!outcome.loaded || !others_can_read(path))
        return outcome;
    const auto& projects = outcome.loaded->projects;
    const bool secrets =
        std::any_of(projects.begin(), projects.end(), [](const config::project_settings& project) {
            return std::visit(holds_a_secret(), project.auth);
        });
    if (secrets)
        outcome.warnings.push_back(path + " holds secrets, and other users can read it; take that permission "
                                          "away, or put the secrets into files of their own");
    return outcome;
}

} // namespace replmond::service
