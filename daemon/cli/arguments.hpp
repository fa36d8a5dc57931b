#pragma once

#include "daemon/core/cloud/task_change.hpp"
#include "daemon/core/model/time.hpp"
#include "daemon/core/terminal/task_list.hpp"
#include "daemon/core/web/log_line.hpp"
#include "daemon/service/run.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <variant>
#include <vector>

/// The command line as values (README, "Configure").
namespace replmond::cli {

using service::common_arguments;
using service::run_arguments;

enum class output_form { table, json };

/// `replmond task list`
struct task_list_arguments {
    common_arguments common;
    std::string instance; ///< name or id; empty: all
    terminal::list_filter filter;
    terminal::list_order order = terminal::list_order::worst;
    bool wide = false;
    output_form output = output_form::table;
};

/// `replmond task show`
struct task_show_arguments {
    common_arguments common;
    std::string instance;
    std::string task_name;
    output_form output = output_form::table;
};

enum class task_change { create, pause, resume, remove };

/// `replmond task create`, `pause`, `resume`, `delete`
struct task_change_arguments {
    common_arguments common;
    task_change change = task_change::pause;
    std::string instance;
    std::string task_name;               ///< also a member of `order`
    cloud::create_request::fields order; ///< for create
    bool yes = false;                    ///< for delete
    output_form output = output_form::table;
    bool follow = false;
    /// For following, and for waiting while the instance is busy.
    milliseconds timeout = std::chrono::minutes(30);
    milliseconds poll_interval = std::chrono::seconds(5);
};

using task_command = std::variant<task_list_arguments, task_show_arguments, task_change_arguments>;

/// `replmond check-config [FILE]`
struct check_config_arguments {
    common_arguments common;
    bool online = false;         ///< also prove each credential with one call
    bool strict = false;         ///< a warning is exit code 1 too
    std::string web_config_file; ///< checked too; empty: none
};

/// `replmond events`
struct events_arguments {
    common_arguments common;
    std::optional<std::string> state_path; ///< overrides the configuration
    std::optional<std::string> since;      ///< as given
    std::string instance;                  ///< name or id; empty: all
    std::string task;                      ///< empty: all
    severity least = severity::debug;      ///< only events of this level or a higher one
    std::vector<std::string> names;        ///< only events that are called so; empty: all
    bool follow = false;                   ///< goes on with new events as they are stored
    std::size_t limit = 100;               ///< the newest ones
    web::log_format output = web::log_format::logfmt;
};

enum class doctor_output { text, json };

/// `replmond doctor`
struct doctor_arguments {
    common_arguments common;
    std::string project;  ///< empty: all
    std::string instance; ///< name or id; empty: all
    doctor_output output = doctor_output::text;
    std::string report; ///< the file for strangers; empty: none
};

/// Nothing to run: `text` is printed and the program ends.
struct nothing_to_run {
    std::string text;
    int exit_code = 0; ///< 0: help or version, for stdout; 1: a mistake in two lines, for stderr
};

using command_line =
    std::variant<run_arguments, check_config_arguments, events_arguments, task_list_arguments,
                 task_show_arguments, task_change_arguments, doctor_arguments, nothing_to_run>;

/// Never throws and never exits: mistakes are returned as nothing_to_run. `columns`: the width of help.
command_line parse(int argc, const char* const* argv, std::size_t columns = 80);

} // namespace replmond::cli
