// The configuration in force, and how a new one replaces it: as a whole or not at all.

#include "daemon/net/clocks.hpp"
#include "daemon/service/daemon.hpp"
#include "daemon/service/load_configuration.hpp"

#include <exception>
#include <utility>

namespace replmond::service {

using net::wall_clock;

monitor::fleet_settings daemon::fleet_settings_of(const config::settings& settings) {
    monitor::fleet_settings fleet;
    fleet.concurrency = settings.poll.concurrency;
    fleet.repeat_interval = settings.alerts.repeat_interval;
    return fleet;
}

// Takes a new configuration. If any part of it cannot be used, it throws and nothing has changed.
target_changes daemon::apply(config::settings settings) {
    config::lookup beside = places_;
    beside.directory = settings.directory;
    const auto changes = targets_.apply(settings, beside);
    settings_ = std::move(settings);
    fleet_.change(fleet_settings_of(settings_));
    page_.change_stale_after(settings_.poll.stale_after);
    journal_.set_retention(settings_.state.retention);
    if (settings_.state.path != state_path_ && !state_path_is_fixed_)
        warn("state.path changed: the new one is used after a restart");
    return changes;
}

// Returns what is wrong; empty when the new configuration is in force.
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
    running.read_at_start = nullptr; // reading a pipe again would block
    auto outcome = load_configuration(config_file_, running);
    auto next = web_auth_.prepare();
    // A full disk or an editor may leave an empty file (the contract, "Configuration (YAML)").
    const bool forgets_all = outcome.is_empty && !settings_.projects.empty();
    if (forgets_all) {
        config::problem empty;
        empty.message = "the file is empty; write `instances: []` if nothing is to be watched";
        outcome.problems.push_back(std::move(empty));
    }
    if (outcome.loaded && !forgets_all && next.mistakes.empty()) {
        try {
            log_loaded(apply(std::move(*outcome.loaded)));
            web_auth_.use(std::move(next));
            is_web_config_stale_ = false;
            for (const std::string& warning : outcome.warnings)
                warn(warning);
        } catch (const std::exception& e) {
            mistakes = e.what();
        }
    } else {
        for (const std::string& mistake : config::messages(outcome))
            mistakes += (mistakes.empty() ? "" : "\n") + mistake;
        mistakes += (mistakes.empty() || next.mistakes.empty() ? "" : "\n") + next.mistakes;
    }
    metrics_.config_loaded(mistakes.empty(), wall_clock());
    if (!mistakes.empty())
        refused_reload(config_file_, mistakes);
    return mistakes;
}

void daemon::refused_reload(const std::string& file, const std::string& mistakes) {
    event failed = daemon_event("config_reload_failed", severity::error,
                                "the new configuration is refused; the old one stays in force");
    journal_.log(std::move(failed.with("file", file).with("error", mistakes)));
}

void daemon::log_loaded(const target_changes& changes) {
    event loaded = daemon_event("config_loaded", severity::info, "the configuration is loaded");
    loaded.with("file", config_file_)
        .with("projects", static_cast<std::int64_t>(settings_.projects.size()))
        .with("instances", static_cast<std::int64_t>(settings_.instances.size()))
        .with("added", static_cast<std::int64_t>(changes.added))
        .with("changed", static_cast<std::int64_t>(changes.changed))
        .with("removed", static_cast<std::int64_t>(changes.removed))
        .with("reconnected", static_cast<std::int64_t>(changes.reconnected));
    journal_.log(std::move(loaded));
}

void daemon::warn(std::string message) {
    journal_.log(daemon_event("config_warning", severity::warn, std::move(message)));
}

} // namespace replmond::service
