// `replmond run`: loads the configuration and the state, and runs the daemon.

#include "daemon/service/run.hpp"

#include "daemon/core/config/load.hpp"
#include "daemon/service/daemon.hpp"
#include "daemon/service/load_configuration.hpp"
#include "daemon/service/process.hpp"

#include <fmt/format.h>

#include <csignal>
#include <iostream>
#include <utility>

namespace replmond::service {

namespace {

int refuse(const std::string& why) {
    std::cerr << "replmond: " << why << std::endl;
    return 1;
}

// One line however many mistakes there are; check-config shows all of them.
std::string first_mistake(const config::load_outcome& outcome) {
    const auto all = config::messages(outcome);
    if (all.size() == 1)
        return all.front();
    return fmt::format("{} (and {} more: see replmond check-config {})", all.front(), all.size() - 1,
                       outcome.file);
}

} // namespace

int run(const run_arguments& arguments) {
    // Signals that arrive before the daemon reads them stay pending.
    block_signals({SIGTERM, SIGINT, SIGHUP});
    // Writing to a closed connection is an error code then, and does not end the process.
    std::signal(SIGPIPE, SIG_IGN);

    const config::lookup places = config::system_lookup();
    auto outcome = load_configuration(arguments.common.config_file, places);
    if (!outcome.loaded)
        return refuse(first_mistake(outcome));

    try {
        auto state = open_state(arguments.state_path.value_or(outcome.loaded->state.path));
        daemon service(arguments, std::move(outcome), places, std::move(state));
        return service.run();
    } catch (const std::exception& e) {
        return refuse(e.what());
    }
}

} // namespace replmond::service
