#include "daemon/cli/common_arguments.hpp"

#include "daemon/cli/choice.hpp"

namespace replmond::cli {
namespace {

const std::map<std::string, severity> levels = {{"debug", severity::debug},
                                                {"info", severity::info},
                                                {"warn", severity::warn},
                                                {"error", severity::error}};
const std::map<std::string, exposition::log_format> formats = {{"logfmt", exposition::log_format::logfmt},
                                                               {"json", exposition::log_format::json}};

} // namespace

void add_common(CLI::App& to, common_arguments& into) {
    to.add_option("--config.file", into.config_file, "Configuration file")->capture_default_str();
    add_choice(to, "--log.level", into.log_level, levels, "Least severity that is logged (default info)");
    add_choice(to, "--log.format", into.log_format, formats, "Form of log lines (default logfmt)");
}

} // namespace replmond::cli
