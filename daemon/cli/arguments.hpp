#pragma once

#include "daemon/cli/common_arguments.hpp"
#include "daemon/cli/task_arguments.hpp"
#include "daemon/export/event_line.hpp"
#include "daemon/schedule/shard.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <variant>
#include <vector>

/// The command line (README, "Configure"), read into values.
namespace replmond::cli {

/// `replmond [run]`
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

/// `replmond check-config [FILE]`
struct check_config_arguments {
    common_arguments common;
    bool online = false;         ///< also prove each credential with one call
    std::string web_config_file; ///< to be checked, too; empty: none
};

/// `replmond events`
struct events_arguments {
    common_arguments common;
    std::optional<std::string> state_path; ///< over the configuration
    std::optional<std::string> since;      ///< as given
    std::string instance;                  ///< name or id; empty: all
    std::string task;                      ///< empty: all
    std::size_t limit = 100;               ///< the newest of them
    exposition::log_format output = exposition::log_format::logfmt;
};

/// Nothing to run: print `text` and leave.
struct nothing_to_run {
    std::string text;
    int exit_code = 0; ///< 0: help or version, for stdout; 1: a mistake with usage, for stderr
};

using command_line =
    std::variant<run_arguments, check_config_arguments, events_arguments, task_list_arguments,
                 task_show_arguments, task_change_arguments, nothing_to_run>;

/// Never throws and never exits: mistakes come back as nothing_to_run.
command_line parse(int argc, const char* const* argv);

} // namespace replmond::cli
