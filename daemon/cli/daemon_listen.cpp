// Where the daemon is reached, and by whom.
#include "daemon/cli/daemon.hpp"
#include "daemon/cli/daemon_event.hpp"
#include "daemon/monitor/clocks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <sys/resource.h>
#include <utility>

namespace replmond::cli {

using monitor::wall_clock;

namespace {

// One line whatever the number of mistakes: check-config shows them all.
void open_door(access::web_door& door) {
    auto first = door.prepare();
    if (!first.mistakes.empty()) {
        const std::size_t end = first.mistakes.find('\n');
        const std::string more =
            end == std::string::npos ? "" : " (and more: see replmond check-config --web.config.file)";
        throw std::runtime_error(first.mistakes.substr(0, end) + more);
    }
    door.use(std::move(first));
}

} // namespace

// Half of the descriptors are for polls, names and the state, however few there are.
net::server_limits daemon::limits_of_server() {
    net::server_limits limits;
    struct rlimit files {};
    if (getrlimit(RLIMIT_NOFILE, &files) == 0)
        limits.connections = std::clamp<std::size_t>(files.rlim_cur / 2, 4, limits.connections);
    return limits;
}

// Its files were read again, without having been told to.
access::web_door_ports daemon::ports_of_door() {
    access::web_door_ports ports;
    ports.renewed = [this](const std::string& file) {
        if (std::exchange(is_door_stale_, false))
            metrics_.config_loaded(true, wall_clock());
        event loaded;
        loaded.name = "config_loaded";
        loaded.time = wall_clock();
        loaded.message = "the web configuration is loaded again";
        journal_.say(std::move(loaded.with("file", file)));
    };
    ports.refused = [this](const std::string& file, const std::string& mistakes) {
        is_door_stale_ = true;
        metrics_.config_loaded(false, wall_clock());
        refused_reload(file, mistakes);
    };
    return ports;
}

// Who can provoke one can provoke many: each is counted, and one line a minute and handler says so.
void daemon::http_failed(const net::http_failure& failure) {
    std::string handler = "refused";
    if (failure.request != nullptr)
        handler = web_.count_failure(*failure.request);
    else
        metrics_.http_request(handler, 500);
    const auto failures = http_failures_.admit(handler, std::chrono::steady_clock::now());
    if (!failures)
        return;
    event failed = daemon_event("http_failed", severity::error, "a request failed within replmond");
    failed.with("handler", handler)
        .with("error_msg", failure.error_msg)
        .with("failures", static_cast<std::int64_t>(*failures));
    journal_.say(std::move(failed));
}

void daemon::listen(const std::vector<std::string>& addresses) {
    open_door(door_);
    if (door_.says_nothing())
        warn("the file of --web.config.file is empty: everybody who reaches the port may read");
    server_.guard_with(door_);
    server_.on_refusal([this](int status) { metrics_.http_request("refused", status); });
    server_.on_failure([this](const net::http_failure& failure) { http_failed(failure); });
    server_.object_with([this](const net::http_request& request) { return web_.objection(request); });
    for (const std::string& address : addresses) {
        try {
            server_.listen(address);
        } catch (const boost::system::system_error& e) {
            throw std::runtime_error(fmt::format("cannot listen on {}: {}", address, e.code().message()));
        } catch (const std::invalid_argument& e) {
            throw std::runtime_error(fmt::format("--web.listen-address: {}", e.what()));
        }
    }
}

} // namespace replmond::cli
