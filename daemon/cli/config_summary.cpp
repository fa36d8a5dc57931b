// What `replmond check-config` prints without asking anybody.

#include "daemon/cli/config_summary.hpp"

#include "daemon/core/cloud/config_review.hpp"
#include "daemon/core/cloud/endpoints.hpp"
#include "daemon/core/config/values.hpp"
#include "daemon/core/terminal/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>
#include <variant>

namespace replmond::cli {

namespace {

constexpr std::size_t most_instances = 20; // that are listed for a project

std::string lag_words(const config::instance_settings& of) {
    if (!of.lag)
        return "";
    const config::database_settings& database = of.lag->database;
    return fmt::format(", lag from {}:{}", terminal::shown(database.host), database.port);
}

void list_instances(std::string& text, const config::settings& all, const config::project_settings& project,
                    std::size_t count) {
    const auto out = std::back_inserter(text);
    std::size_t listed = 0;
    for (const config::instance_settings& one : all.instances) {
        if (one.project != project.name)
            continue;
        if (listed++ == most_instances) {
            fmt::format_to(out, "    and {} more\n", count - most_instances);
            return;
        }
        fmt::format_to(out, "    instance {}: id {}, polled every {}{}\n", terminal::shown(one.name), one.id,
                       config::format_duration(one.interval), lag_words(one));
    }
}

// Nobody knows yet how many instances a project has that only discovers.
std::string budget_words(const config::settings& all, const config::project_settings& project,
                         std::size_t configured) {
    const std::string window = config::format_duration(project.limit.window);
    if (configured > 0)
        return fmt::format("polls need {}{:.0f} of {} requests in {}", project.discover ? "at least " : "",
                           cloud::requests_needed(all, project), project.limit.requests, window);
    if (!project.discover)
        return fmt::format("no instances: 0 of {} requests in {}", project.limit.requests, window);
    const double each =
        static_cast<double>(project.limit.window.count()) / static_cast<double>(all.poll.interval.count());
    return fmt::format("polls of each instance that it discovers need {:.0f} of {} requests in {}",
                       std::ceil(each), project.limit.requests, window);
}

void describe_project(std::string& text, const config::settings& all,
                      const config::project_settings& project) {
    const auto out = std::back_inserter(text);
    const auto count = static_cast<std::size_t>(
        std::count_if(all.instances.begin(), all.instances.end(),
                      [&](const config::instance_settings& one) { return one.project == project.name; }));
    fmt::format_to(out, "  project {}: region {}, {}{}\n", terminal::shown(project.name),
                   terminal::shown(project.region), plural(count, "instance"),
                   project.discover ? ", and those that it discovers" : "");
    fmt::format_to(out, "    endpoint {}\n",
                   terminal::shown(project.endpoint.value_or(cloud::default_endpoint(project.region))));
    // Nobody asks IAM where a token is given.
    if (!std::holds_alternative<config::token_auth>(project.auth))
        fmt::format_to(
            out, "    iam_endpoint {}\n",
            terminal::shown(project.iam_endpoint.value_or(cloud::default_iam_endpoint(project.region))));
    fmt::format_to(out, "    credential: {}\n", terminal::shown(cloud::credential_words(project.auth)));
    fmt::format_to(out, "    {}\n", budget_words(all, project, count));
    if (project.language != config::cloud_language::en_us)
        fmt::format_to(out, "    error texts of the cloud in {}\n", to_string(project.language));
    list_instances(text, all, project, count);
}

void summarize(std::string& text, const config::settings& loaded) {
    const auto out = std::back_inserter(text);
    fmt::format_to(out, "  {}, {}\n", plural(loaded.projects.size(), "project"),
                   plural(loaded.instances.size(), "instance"));
    for (const config::project_settings& project : loaded.projects)
        describe_project(text, loaded, project);
    if (loaded.instances.empty())
        return;
    fmt::format_to(out, "  polls every {} by default, state in {}\n",
                   config::format_duration(loaded.poll.interval),
                   loaded.state.path.empty() ? "memory" : terminal::shown(loaded.state.path));
}

} // namespace

std::string plural(std::size_t count, std::string_view noun) {
    return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::vector<std::string> warnings_of(const config::load_outcome& outcome) {
    std::vector<std::string> warnings = outcome.warnings;
    if (!outcome.loaded)
        return {};
    for (std::string& doubt : cloud::review(*outcome.loaded))
        warnings.push_back(std::move(doubt));
    return warnings;
}

std::string describe(const config::load_outcome& outcome) {
    std::string text;
    for (const std::string& message : config::messages(outcome))
        text += message + '\n';
    if (!outcome.loaded)
        return text;
    text = outcome.file + ": OK\n";
    summarize(text, *outcome.loaded);
    for (const std::string& warning : warnings_of(outcome))
        text += "  warning: " + terminal::shown(warning) + '\n';
    return text;
}

} // namespace replmond::cli
