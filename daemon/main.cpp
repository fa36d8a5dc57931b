// Selects the command and returns its exit code.

#include "daemon/cli/arguments.hpp"
#include "daemon/cli/check_config.hpp"
#include "daemon/cli/console.hpp"
#include "daemon/cli/doctor.hpp"
#include "daemon/cli/events.hpp"
#include "daemon/cli/task_commands.hpp"
#include "daemon/service/process.hpp"
#include "daemon/service/run.hpp"

#include <csignal>
#include <exception>
#include <iostream>
#include <variant>

namespace {

using namespace replmond;

// What cannot be shown is not done.
int end_of_output(int exit_code) {
    std::cout.flush();
    if (std::cout)
        return exit_code;
    std::cerr << "replmond: cannot write to stdout" << std::endl;
    return 1;
}

int start(const cli::nothing_to_run& message) {
    (message.exit_code == 0 ? std::cout : std::cerr) << message.text << std::flush;
    return end_of_output(message.exit_code);
}

int start(const cli::run_arguments& arguments) {
    return service::run(arguments);
}

int start(const cli::check_config_arguments& arguments) {
    return end_of_output(cli::check_config(arguments));
}

int start(const cli::events_arguments& arguments) {
    return cli::show_events(arguments);
}

int start(const cli::doctor_arguments& arguments) {
    return cli::diagnose(arguments);
}

int start(const cli::task_list_arguments& arguments) {
    return cli::list_tasks(arguments);
}

int start(const cli::task_show_arguments& arguments) {
    return cli::show_task(arguments);
}

int start(const cli::task_change_arguments& arguments) {
    return cli::change_task(arguments);
}

} // namespace

int main(int argc, char** argv) {
    // For the daemon SIGHUP means reload, so it is blocked from the start: a SIGHUP that arrives before the
    // daemon runs stays pending. Other commands unblock it again.
    service::block_signals({SIGHUP});
    service::keep_standard_streams();
    try {
        const cli::command_line chosen = cli::parse(argc, argv, cli::console::text_columns());
        if (!std::holds_alternative<cli::run_arguments>(chosen))
            service::unblock_signals({SIGHUP});
        return std::visit([](const auto& command) { return start(command); }, chosen);
    } catch (const std::exception& e) {
        std::cerr << "replmond: " << e.what() << std::endl;
        return 1;
    }
}
