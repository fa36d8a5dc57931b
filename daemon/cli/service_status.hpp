#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace replmond::cli {

/// What `systemctl status` says of the daemon.
struct service_facts {
    std::size_t instances = 0;
    std::size_t first_polls_left = 0;
    std::vector<std::string> failing; ///< names: the last poll failed
    std::vector<std::string> overdue; ///< names: the poll hangs, and the watchdog is not fed
    bool reload_refused = false;      ///< the last one
};

/// One short line; at most three names of each kind.
std::string service_status(const service_facts& of);

} // namespace replmond::cli
