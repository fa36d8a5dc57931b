#pragma once

#include "daemon/export/event_line.hpp"
#include "daemon/model/event.hpp"

#include <string>

namespace CLI {
class App;
}

namespace replmond::cli {

inline constexpr auto default_config_file = "/etc/replmond/replmond.yaml";

/// What every command takes.
struct common_arguments {
    std::string config_file = default_config_file;
    severity log_level = severity::info;
    exposition::log_format log_format = exposition::log_format::logfmt;
};

void add_common(CLI::App& to, common_arguments& into);

} // namespace replmond::cli
