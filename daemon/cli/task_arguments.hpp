#pragma once

#include "daemon/cli/arguments.hpp"

#include <CLI/CLI.hpp>

#include <optional>
#include <string>
#include <vector>

namespace replmond::cli {

/// The parser writes the arguments of `replmond task …` here.
struct task_commands_arguments {
    task_list_arguments list;
    std::vector<std::string> statuses; ///< of list, as given
    std::vector<std::string> stages;   ///< of list, as given
    task_show_arguments show;
    task_change_arguments create;
    task_change_arguments pause;
    task_change_arguments resume;
    task_change_arguments remove;
    std::optional<task_command> (*chosen)(const task_commands_arguments&) = nullptr; ///< null: none of these
};

/// Adds `task` and its commands. `common` receives the flags that every command takes.
void add_task_commands(CLI::App& app, task_commands_arguments& into, common_arguments& common);

/// The command that was given; nothing if it was none of these.
std::optional<task_command> take_task_command(const task_commands_arguments& from,
                                              const common_arguments& common);

/// Mistakes that can be found only from several flags together, or that only the API's own rules show.
std::vector<std::string> mistakes_in(const task_command& command);

} // namespace replmond::cli
