#pragma once

#include "daemon/core/model/event.hpp"
#include "daemon/core/schedule/shard.hpp"
#include "daemon/core/web/log_line.hpp"

#include <optional>
#include <string>
#include <vector>

namespace replmond::service {

inline constexpr auto default_config_file = "/etc/replmond/replmond.yaml";

/// What every command takes.
struct common_arguments {
    std::string config_file = default_config_file;
    severity log_level = severity::info;
    web::log_format log_format = web::log_format::logfmt;
};

/// `replmond [run]`: what the daemon is told on its command line.
struct run_arguments {
    common_arguments common;
    std::optional<std::string> state_path; ///< over the configuration
    std::vector<std::string> listen_addresses;
    std::string telemetry_path = "/metrics";
    std::string web_config_file;            ///< empty: none
    bool enable_lifecycle = false;          ///< POST /-/reload
    std::string external_url;               ///< where people reach it; empty: not told
    std::vector<std::string> allowed_hosts; ///< as given; empty: all
    std::optional<schedule::shard> shard;
};

/// The daemon: loads, composes, serves until SIGTERM or SIGINT. Returns the process's exit code: 0, or 1 with
/// one line on stderr that says why: start-up failed (configuration, bind), or not all could be stored and
/// printed at the end. Signals that come before it serves are heard when it does; SIGHUP never ends it.
int run(const run_arguments& arguments);

} // namespace replmond::service
