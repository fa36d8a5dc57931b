// What systemd is told of the daemon.
#include "daemon/cli/daemon.hpp"
#include "daemon/cli/service_status.hpp"
#include "daemon/monitor/clocks.hpp"

#include <algorithm>
#include <exception>
#include <string>

namespace replmond::cli {

std::string daemon::status_line() const {
    service_facts facts;
    facts.instances = fleet_.size();
    facts.first_polls_left = fleet_.first_polls_left();
    facts.overdue = fleet_.overdue();
    facts.reload_refused = reload_refused_;
    fleet_.each([&](const monitor::instance_view& of) {
        if (of.state.last_result && *of.state.last_result != poll_result::success)
            facts.failing.push_back(of.state.identity.name);
    });
    return service_status(facts);
}

bool daemon::is_well() {
    const auto overdue = fleet_.overdue();
    const bool all_listen = server_.accepting() == server_.addresses().size();
    const bool well = overdue.empty() && all_listen;
    if (well != was_well_) {
        event e;
        e.name = well ? "watchdog_fed" : "watchdog_withheld";
        e.level = well ? severity::info : severity::error;
        e.time = monitor::wall_clock();
        e.message = well ? "all polls move again" : "something hangs: systemd will restart the daemon";
        e.with("overdue", static_cast<std::int64_t>(overdue.size()))
            .with("listeners", static_cast<std::int64_t>(server_.accepting()));
        if (!overdue.empty())
            e.with("first", overdue.front());
        journal_.say(std::move(e));
    }
    was_well_ = well;
    return well;
}

// An exception here ends nothing; but who cannot tell whether all is well is not well.
net::service_probe daemon::service_probe() {
    net::service_probe probe;
    probe.status = [this] {
        try {
            return status_line();
        } catch (const std::exception& e) {
            return std::string("no status: ") + e.what();
        }
    };
    probe.is_well = [this] {
        try {
            return is_well();
        } catch (const std::exception&) {
            return false;
        }
    };
    return probe;
}

} // namespace replmond::cli
