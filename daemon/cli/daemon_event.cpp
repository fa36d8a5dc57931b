#include "daemon/cli/daemon_event.hpp"

#include "daemon/monitor/clocks.hpp"

#include <utility>

namespace replmond::cli {

event daemon_event(const char* name, severity level, std::string message) {
    event e;
    e.name = name;
    e.level = level;
    e.time = monitor::wall_clock();
    e.message = std::move(message);
    return e;
}

} // namespace replmond::cli
