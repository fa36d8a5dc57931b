// Reads what a pod's environment says about its identity in the cloud (API.md, section 13).

#include "daemon/core/config/pod_identity.hpp"

#include "daemon/core/http/url.hpp"
#include "daemon/core/model/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <utility>
#include <variant>

namespace replmond::config {

namespace {

constexpr const char* address_variable = "HC_CONTAINER_CREDENTIALS_FULL_URI";
constexpr const char* token_variable = "HC_CONTAINER_AUTHORIZATION_TOKEN_FILE";
constexpr std::size_t largest_pod_token = 64 * 1024;

std::string pod_variable(const lookup& from, const char* name) {
    return from.environment(name).value_or("");
}

pod_identity_outcome unusable_address(std::string_view expected) {
    return {std::nullopt,
            fmt::format("the environment variable {}: expected {}", address_variable, expected)};
}

// Splits a URL into its origin and the rest.
std::optional<pod_identity> split_address(const std::string& url) {
    const std::size_t scheme = url.find("://");
    if (scheme == std::string::npos || !is_visible_ascii(url))
        return std::nullopt;
    const std::size_t end = std::min(url.find_first_of("/?#", scheme + 3), url.size());
    pod_identity split;
    split.origin = url.substr(0, end);
    split.target = url.substr(end, url.find('#') - end);
    if (!split.target.starts_with('/'))
        split.target.insert(0, 1, '/');
    return split;
}

} // namespace

bool names_pod_identity(const lookup& from) {
    return !pod_variable(from, address_variable).empty() || !pod_variable(from, token_variable).empty();
}

pod_identity_outcome read_pod_identity(const lookup& from, bool insecure_http) {
    const std::string address = pod_variable(from, address_variable);
    const std::string token_file = pod_variable(from, token_variable);
    for (const auto& [name, value] :
         {std::pair(address_variable, &address), std::pair(token_variable, &token_file)}) {
        if (value->empty())
            return {std::nullopt,
                    fmt::format("the environment variable {} is not set; a pod identity needs {} and {}",
                                name, address_variable, token_variable)};
    }
    auto found = split_address(address);
    const auto origin = found ? http::parse_origin(found->origin) : std::nullopt;
    if (!origin)
        return unusable_address("a URL such as http://169.254.0.1/v1/credentials");
    if (!origin->tls && !http::is_private_host(origin->host) && !insecure_http)
        return unusable_address("https://, because the host is not a private address (or say insecure_http: "
                                "true in the project)");
    found->token_file = token_file;
    return {std::move(found), {}};
}

std::vector<std::string> self_renewing_files(const settings& of, const lookup& from) {
    std::vector<std::string> files;
    const auto add = [&](const std::string& path) {
        for (std::string& candidate : candidates_for(path, from))
            files.push_back(std::move(candidate));
    };
    if (const std::string token = pod_variable(from, token_variable); !token.empty())
        add(token);
    for (const project_settings& project : of.projects) {
        const auto* auth = std::get_if<oidc_auth>(&project.auth);
        if (auth != nullptr && auth->id_token.from == secret_source::kind::file)
            add(auth->id_token.text);
    }
    return files;
}

secret_outcome read_pod_token(const pod_identity& of, const lookup& from) {
    const found_file file = find_file(of.token_file, from);
    if (!file.failure.empty())
        return {std::nullopt, file.failure};
    std::string token(trimmed(file.content, blanks_around_words));
    if (token.empty())
        return {std::nullopt, fmt::format("the file {} is empty", file.path)};
    if (token.size() > largest_pod_token || !is_visible_ascii(token))
        return {std::nullopt,
                fmt::format("the file {}: expected a token of at most 64 KiB of visible ASCII characters",
                            file.path)};
    return {std::move(token), {}};
}

} // namespace replmond::config
