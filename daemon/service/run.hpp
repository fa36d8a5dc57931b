#pragma once

#include "daemon/core/model/event.hpp"
#include "daemon/core/schedule/shard.hpp"
#include "daemon/core/web/log_line.hpp"

#include <optional>
#include <string>
#include <vector>

namespace replmond::service {

/// The default of --config.file.
inline constexpr auto default_config_file = "/etc/replmond/replmond.yaml";

/// Arguments that every command takes.
struct common_arguments {
    std::string config_file = default_config_file;
    severity log_level = severity::info;
    web::log_format log_format = web::log_format::logfmt;
};

/// Arguments of `replmond [run]`.
struct run_arguments {
    common_arguments common;
    std::optional<std::string> state_path; ///< overrides the configuration
    std::vector<std::string> listen_addresses;
    std::string telemetry_path = "/metrics";
    std::string web_config_file;            ///< empty: none
    bool enable_lifecycle = false;          ///< allows POST /-/reload
    std::string external_url;               ///< where people reach the daemon; empty: not given
    std::string grafana_url;                ///< where the boards are; empty: not given
    std::vector<std::string> allowed_hosts; ///< as given; empty: all names
    std::optional<schedule::shard> shard;
    bool auto_reload = false; ///< reloads when the configuration or a file that it names has changed
};

/// Runs the daemon until SIGTERM or SIGINT. Returns the process's exit code: 0; or 1 with one line on stderr
/// when start-up failed (configuration, bind, state) or not everything could be stored and printed at the
/// end. Signals that arrive during start-up are handled after it; SIGHUP never ends the process.
int run(const run_arguments& arguments);

} // namespace replmond::service
