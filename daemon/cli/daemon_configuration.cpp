// The configuration in force, and how another one takes its place.
#include "daemon/cli/daemon.hpp"
#include "daemon/cli/daemon_event.hpp"
#include "daemon/cli/load_configuration.hpp"
#include "daemon/monitor/clocks.hpp"

#include <exception>
#include <utility>

namespace replmond::cli {

using monitor::wall_clock;

monitor::fleet_settings daemon::fleet_settings_of(const config::settings& settings) {
    monitor::fleet_settings fleet;
    fleet.concurrency = settings.poll.concurrency;
    fleet.repeat_interval = settings.alerts.repeat_interval;
    return fleet;
}

// Refused as a whole where any part of it cannot be used: then nothing has changed.
roster_changes daemon::apply(config::settings settings) {
    config::lookup beside = places_;
    beside.directory = settings.directory;
    const auto changes = roster_.apply(settings, beside);
    settings_ = std::move(settings);
    fleet_.change(fleet_settings_of(settings_));
    page_.change_stale_after(settings_.poll.stale_after);
    journal_.set_retention(settings_.state.retention);
    if (settings_.state.path != state_path_ && !state_path_is_fixed_)
        warn("state.path changed: the new one is used after a restart");
    return changes;
}

// What is wrong; empty when the new configuration is in force.
std::string daemon::reload() {
    reload_wanted_ = false;
    service_.reloading();
    std::string mistakes;
    try {
        mistakes = take_new_configuration();
    } catch (const std::exception& e) {
        mistakes = e.what();
        refused_reload(config_file_, mistakes);
    }
    reload_refused_ = !mistakes.empty();
    service_.ready(status_line());
    return mistakes;
}

std::string daemon::take_new_configuration() {
    std::string mistakes;
    config::lookup running = places_;
    running.read_at_start = nullptr; // a pipe would be waited for
    auto outcome = load_configuration(config_file_, running);
    auto door = door_.prepare();
    // A full disk or an editor leaves such a file behind.
    const bool forgets_all = outcome.is_empty && !settings_.projects.empty();
    if (forgets_all)
        outcome.problems.push_back(
            {0, 0, "the file is empty; write `instances: []` if nothing is to be watched"});
    if (outcome.loaded && !forgets_all && door.mistakes.empty()) {
        try {
            log_loaded(apply(std::move(*outcome.loaded)));
            door_.use(std::move(door));
            is_door_stale_ = false;
            for (const std::string& warning : outcome.warnings)
                warn(warning);
        } catch (const std::exception& e) {
            mistakes = e.what();
        }
    } else {
        for (const std::string& mistake : config::messages(outcome))
            mistakes += (mistakes.empty() ? "" : "\n") + mistake;
        mistakes += (mistakes.empty() || door.mistakes.empty() ? "" : "\n") + door.mistakes;
    }
    metrics_.config_loaded(mistakes.empty(), wall_clock());
    if (!mistakes.empty())
        refused_reload(config_file_, mistakes);
    return mistakes;
}

void daemon::refused_reload(const std::string& file, const std::string& mistakes) {
    event failed = daemon_event("config_reload_failed", severity::error,
                                "the new configuration is refused; the old one goes on");
    journal_.say(std::move(failed.with("file", file).with("error", mistakes)));
}

void daemon::log_loaded(const roster_changes& changes) {
    event loaded = daemon_event("config_loaded", severity::info, "the configuration is loaded");
    loaded.with("file", config_file_)
        .with("projects", static_cast<std::int64_t>(settings_.projects.size()))
        .with("instances", static_cast<std::int64_t>(settings_.instances.size()))
        .with("added", static_cast<std::int64_t>(changes.added))
        .with("changed", static_cast<std::int64_t>(changes.changed))
        .with("removed", static_cast<std::int64_t>(changes.removed))
        .with("reconnected", static_cast<std::int64_t>(changes.reconnected));
    journal_.say(std::move(loaded));
}

void daemon::warn(std::string message) {
    journal_.say(daemon_event("config_warning", severity::warn, std::move(message)));
}

} // namespace replmond::cli
