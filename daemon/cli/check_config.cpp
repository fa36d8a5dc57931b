#include "daemon/cli/check_config.hpp"

#include "daemon/access/web_door.hpp"
#include "daemon/cli/console.hpp"
#include "daemon/cli/load_configuration.hpp"
#include "daemon/cli/prove_credentials.hpp"
#include "daemon/config/duration.hpp"
#include "daemon/config/file.hpp"

#include <boost/asio/io_context.hpp>
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

namespace {

// As the daemon would take it, OpenSSL's opinion included.
bool check_web_config(const std::string& file, const config::lookup& places) {
    boost::asio::io_context none;
    const access::web_door door(none.get_executor(), file, places);
    const auto prepared = door.prepare();
    if (!prepared.mistakes.empty()) {
        std::cerr << prepared.mistakes << std::endl;
        return false;
    }
    const auto& settings = prepared.settings;
    std::cout << fmt::format("{}: OK\n  {}, {}\n", file, settings.tls ? "TLS" : "no TLS",
                             settings.users.empty() ? "no passwords" : plural(settings.users.size(), "user"))
              << std::flush;
    return true;
}

} // namespace

int check_config(const check_config_arguments& arguments) {
    const config::lookup places = config::system_lookup();
    const auto outcome = load_configuration(arguments.common.config_file, places);
    const bool good = outcome.loaded.has_value();
    (good ? std::cout : std::cerr) << describe(outcome) << std::flush;
    const bool is_web_good =
        arguments.web_config_file.empty() || check_web_config(arguments.web_config_file, places);
    if (!good || !is_web_good)
        return 1;
    console out(arguments.common);
    return arguments.online && !prove_credentials(*outcome.loaded, places, out) ? 1 : 0;
}

} // namespace replmond::cli
