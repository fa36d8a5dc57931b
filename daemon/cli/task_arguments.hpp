#pragma once

#include "daemon/cli/common_arguments.hpp"
#include "daemon/cloud/task_order.hpp"
#include "daemon/model/time.hpp"

#include <optional>
#include <string>
#include <variant>

/// The arguments of `replmond task …`.
namespace replmond::cli {

enum class output_form { table, json };

/// `replmond task list`
struct task_list_arguments {
    common_arguments common;
    std::string instance; ///< name or id; empty: all
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
    std::string task_name;             ///< also in `order`
    cloud::create_order::fields order; ///< of create
    bool yes = false;                  ///< of delete
    output_form output = output_form::table;
    bool follow = false;
    milliseconds timeout = std::chrono::minutes(30); ///< of following, and of waiting for a busy instance
    milliseconds poll_interval = std::chrono::seconds(5);
};

using task_command = std::variant<task_list_arguments, task_show_arguments, task_change_arguments>;

/// Where the parser writes to.
struct task_commands_arguments {
    task_list_arguments list;
    task_show_arguments show;
    task_change_arguments create;
    task_change_arguments pause;
    task_change_arguments resume;
    task_change_arguments remove;
    std::optional<task_command> (*chosen)(const task_commands_arguments&) =
        nullptr; ///< null: no such command
};

/// Adds `task` with all that is below it. `common` is where the flags go that every command takes.
void add_task_commands(CLI::App& app, task_commands_arguments& into, common_arguments& common);

/// The command that was given; nothing where it was none of these.
std::optional<task_command> take_task_command(const task_commands_arguments& from,
                                              const common_arguments& common);

} // namespace replmond::cli
