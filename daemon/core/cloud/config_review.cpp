// Finds what a valid configuration will not do as it was meant.

#include "daemon/core/cloud/config_review.hpp"

#include "daemon/core/cloud/endpoints.hpp"
#include "daemon/core/config/values.hpp"
#include "daemon/core/model/text.hpp"
#include "daemon/core/model/time.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <utility>

namespace replmond::cloud {

namespace {

constexpr std::array known_regions = std::to_array<std::string_view>({
    "ae-ad-1",        "af-south-1",  "ap-southeast-1", "ap-southeast-2",   "ap-southeast-3", "ap-southeast-4",
    "ap-southeast-5", "cn-east-2",   "cn-east-3",      "cn-east-4",        "cn-east-5",      "cn-north-1",
    "cn-north-11",    "cn-north-12", "cn-north-2",     "cn-north-4",       "cn-north-9",     "cn-south-1",
    "cn-south-2",     "cn-south-4",  "cn-southwest-2", "cn-southwest-3",   "eu-west-0",      "eu-west-101",
    "la-north-2",     "la-south-2",  "me-east-1",      "my-kualalumpur-1", "na-mexico-1",    "ru-moscow-1",
    "ru-northwest-2", "sa-brazil-1", "tr-west-1",
});

// Polls are planned for this share of the rate limit (docs/reliability.md).
constexpr double share_of_polls = 0.8;

std::string words_of(const config::secret_source& from) {
    switch (from.from) {
    case config::secret_source::kind::file:
        return "from file " + from.text;
    case config::secret_source::kind::environment:
        return "from variable " + from.text;
    case config::secret_source::kind::value:
        break;
    }
    return "in the configuration";
}

struct credential_namer {
    std::string operator()(const config::aksk_auth& of) const {
        std::string words =
            fmt::format("access_key {}, secret_key {}", words_of(of.access_key), words_of(of.secret_key));
        if (of.security_token)
            words += ", security_token " + words_of(*of.security_token);
        return words;
    }
    std::string operator()(const config::password_auth& of) const {
        return fmt::format("password {}, of an IAM user", words_of(of.password));
    }
    std::string operator()(const config::token_auth& of) const { return "token " + words_of(of.token); }
    std::string operator()(const config::metadata_auth&) const {
        return "temporary keys of the ECS agency of this host";
    }
    std::string operator()(const config::pod_identity_auth&) const {
        return "temporary keys of the agency of this pod";
    }
    std::string operator()(const config::oidc_auth& of) const {
        return "temporary keys for the id_token " + words_of(of.id_token);
    }
    std::string operator()(const config::default_auth&) const {
        return "the first that there is of environment, profile file, pod identity and metadata";
    }
};

void review_region(const config::project_settings& project, std::vector<std::string>& doubts) {
    if (project.endpoint || is_known_region(project.region))
        return;
    const std::string_view meant = closest_region(project.region);
    doubts.push_back(fmt::format(
        "project {}: replmond knows no region {}{}; it sends requests to {}", project.name, project.region,
        meant.empty() ? "" : fmt::format(" (did you mean {}?)", meant), default_endpoint(project.region)));
}

void review_token(const config::project_settings& project, std::vector<std::string>& doubts) {
    const auto* auth = std::get_if<config::token_auth>(&project.auth);
    if (auth != nullptr && auth->token.from != config::secret_source::kind::file)
        doubts.push_back(
            fmt::format("project {}: replmond cannot renew a token; polls fail once it has expired, after 24 "
                        "hours at most; only a token_file can be replaced before that",
                        project.name));
}

void review_budget(const config::settings& all, const config::project_settings& project,
                   std::vector<std::string>& doubts) {
    const double needed = requests_needed(all, project);
    const double usable = project.limit.requests * share_of_polls;
    if (needed > usable)
        doubts.push_back(
            fmt::format("project {}: polls need at least {:.0f} requests in {}, but rate_limit leaves them "
                        "{:.0f} (80 % of {}); replmond will lengthen their intervals",
                        project.name, needed, config::format_duration(project.limit.window), usable,
                        project.limit.requests));
}

// "orders", or "orders and 2 more"
std::string first_of(const std::vector<std::string>& names) {
    return names.size() == 1 ? names.front() : fmt::format("{} and {} more", names.front(), names.size() - 1);
}

// Many instances have the same settings, so they are told together.
void review_intervals(const config::settings& all, std::vector<std::string>& doubts) {
    std::map<std::pair<milliseconds, milliseconds>, std::vector<std::string>> polls;
    std::map<std::pair<milliseconds, milliseconds>, std::vector<std::string>> lags;
    for (const config::instance_settings& one : all.instances) {
        if (one.interval < one.timeout)
            polls[{one.interval, one.timeout}].push_back(one.name);
        if (!one.lag)
            continue;
        const milliseconds interval = one.lag->interval.value_or(one.interval);
        if (interval < one.lag->timeout)
            lags[{interval, one.lag->timeout}].push_back(one.name);
    }
    for (const auto& [times, names] : polls)
        doubts.push_back(fmt::format(
            "instance {}: interval {} is below timeout {}; a slow answer makes replmond skip polls",
            first_of(names), config::format_duration(times.first), config::format_duration(times.second)));
    for (const auto& [times, names] : lags)
        doubts.push_back(fmt::format(
            "instance {}: lag.interval {} is below lag.timeout {}; a slow database makes replmond skip reads",
            first_of(names), config::format_duration(times.first), config::format_duration(times.second)));
}

} // namespace

bool is_known_region(std::string_view region) {
    return std::find(known_regions.begin(), known_regions.end(), region) != known_regions.end() ||
           region.starts_with("eu-west-1");
}

std::string_view closest_region(std::string_view region) {
    return closest_word(region, known_regions);
}

std::string credential_words(const config::auth_settings& auth) {
    return std::visit(credential_namer(), auth);
}

double requests_needed(const config::settings& all, const config::project_settings& project) {
    double needed = 0;
    for (const config::instance_settings& one : all.instances) {
        if (one.project == project.name)
            needed +=
                static_cast<double>(project.limit.window.count()) / static_cast<double>(one.interval.count());
    }
    return std::ceil(needed);
}

std::vector<std::string> review(const config::settings& all) {
    std::vector<std::string> doubts;
    for (const config::project_settings& project : all.projects) {
        review_region(project, doubts);
        review_token(project, doubts);
        review_budget(all, project, doubts);
    }
    review_intervals(all, doubts);
    return doubts;
}

} // namespace replmond::cloud
