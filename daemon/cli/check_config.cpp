#include "daemon/cli/check_config.hpp"

#include "daemon/cli/load_configuration.hpp"
#include "daemon/cli/prove_credentials.hpp"
#include "daemon/config/duration.hpp"
#include "daemon/config/file.hpp"

#include <fmt/format.h>

#include <iostream>
#include <iterator>

namespace replmond::cli {
namespace {

std::string plural(std::size_t count, std::string_view noun) {
    return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

void summarize(std::string& text, const config::settings& loaded) {
    const auto out = std::back_inserter(text);
    fmt::format_to(out, "  {}, {}\n", plural(loaded.projects.size(), "project"),
                   plural(loaded.instances.size(), "instance"));
    for (const config::project_settings& project : loaded.projects) {
        std::size_t instances = 0;
        for (const config::instance_settings& instance : loaded.instances)
            instances += instance.project == project.name ? 1 : 0;
        fmt::format_to(out, "  project {}: region {}, {}{}\n", project.name, project.region,
                       plural(instances, "instance"),
                       project.discover ? ", and those that it discovers" : "");
    }
    if (loaded.instances.empty())
        return;
    fmt::format_to(out, "  polls every {} by default, state in {}\n",
                   config::format_duration(loaded.poll.interval),
                   loaded.state.path.empty() ? "memory" : loaded.state.path);
}

} // namespace

std::string describe(const config::load_outcome& outcome) {
    std::string text;
    for (const std::string& message : config::messages(outcome))
        text += message + '\n';
    if (!outcome.loaded)
        return text;
    text = outcome.file + ": OK\n";
    summarize(text, *outcome.loaded);
    for (const std::string& warning : outcome.warnings)
        text += "  warning: " + warning + '\n';
    return text;
}

int check_config(const check_config_arguments& arguments) {
    const config::lookup places = config::system_lookup();
    const auto outcome = load_configuration(arguments.common.config_file, places);
    const bool good = outcome.loaded.has_value();
    (good ? std::cout : std::cerr) << describe(outcome) << std::flush;
    if (!good)
        return 1;
    return arguments.online && !prove_credentials(*outcome.loaded, places) ? 1 : 0;
}

} // namespace replmond::cli
