// The configuration in force, and how a new one replaces it: as a whole or not at all.

#include "daemon/core/config/pod_identity.hpp"
#include "daemon/net/async.hpp"
#include "daemon/net/clocks.hpp"
#include "daemon/service/daemon.hpp"
#include "daemon/service/load_configuration.hpp"

#include <boost/asio/steady_timer.hpp>

#include <exception>
#include <functional>
#include <utility>

namespace replmond::service {

namespace asio = boost::asio;
using net::wall_clock;

namespace {

constexpr auto look_interval = std::chrono::seconds(30); // the contract, Programs
// Files are written in steps. They are read once more after this time, until they stay the same.
constexpr auto settling_time = std::chrono::seconds(1);
constexpr int most_settling_looks = 10;

} // namespace

monitor::fleet_settings daemon::fleet_settings_of(const config::settings& settings,
                                                  const config::lookup& places) {
    monitor::fleet_settings fleet;
    fleet.concurrency = settings.poll.concurrency;
    fleet.repeat_interval = settings.alerts.repeat_interval;
    fleet.places = places;
    fleet.places.directory = settings.directory;
    return fleet;
}

// Takes a new configuration. If any part of it cannot be used, it throws and nothing has changed.
target_changes daemon::apply(config::settings settings) {
    config::lookup beside = places_;
    beside.directory = settings.directory;
    const auto changes = targets_.apply(settings, beside);
    settings_ = std::move(settings);
    fleet_.change(fleet_settings_of(settings_, places_));
    page_.change_stale_after(settings_.poll.stale_after);
    journal_.set_retention(settings_.state.retention);
    if (settings_.state.path != state_path_ && !state_path_is_fixed_)
        warn("state.path changed; replmond uses the new path after a restart");
    return changes;
}

// Returns what is wrong; empty when the new configuration is in force.
std::string daemon::reload(reload_cause cause) {
    reload_wanted_ = false;
    service_.reloading();
    std::string mistakes;
    try {
        mistakes = take_new_configuration(cause);
    } catch (const std::exception& e) {
        mistakes = e.what();
        refused_reload(config_file_, mistakes);
    }
    reload_refused_ = !mistakes.empty();
    service_.ready(status_line());
    return mistakes;
}

std::string daemon::take_new_configuration(reload_cause cause) {
    std::string mistakes;
    config::lookup running = places_;
    running.read_at_start = nullptr; // reading a pipe again would block
    auto outcome = load_configuration(config_file_, running);
    const config::file_digests read = std::move(outcome.files);
    // web_auth notices changes of its own files, and refuses those that a user has to confirm.
    const bool with_web = cause == reload_cause::user;
    auto next = with_web ? web_auth_.prepare() : web_auth::prepared{};
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
            if (with_web) {
                web_auth_.use(std::move(next));
                is_web_config_stale_ = false;
            }
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
    watch_files_of(read);
    metrics_.config_loaded(mistakes.empty() && !is_web_config_stale_, wall_clock());
    if (!mistakes.empty())
        refused_reload(config_file_, mistakes);
    return mistakes;
}

// Also after a refusal, so that the same mistake is said once.
void daemon::watch_files_of(const config::file_digests& read) {
    config::lookup beside = places_;
    beside.directory = settings_.directory;
    files_read_ = read;
    for (const std::string& path : config::self_renewing_files(settings_, beside))
        files_read_.erase(path);
}

// Nothing if they could not be read in time: they may lie on a file system that hangs.
asio::awaitable<std::optional<config::file_digests>> daemon::read_files_again() {
    std::function<config::file_digests()> read = [before = files_read_, from = places_] {
        return config::read_again(before, from);
    };
    auto found = co_await files_reader_.run<config::file_digests>(std::move(read));
    co_return found;
}

asio::awaitable<bool> daemon::have_files_changed() {
    auto executor = co_await asio::this_coro::executor;
    auto found = co_await read_files_again();
    for (int looks = 0; looks < most_settling_looks; ++looks) {
        if (!found || *found == files_read_)
            co_return false;
        asio::steady_timer settled(executor, settling_time);
        co_await settled.async_wait(net::nothrow);
        auto again = co_await read_files_again();
        if (again == found)
            co_return *found != files_read_; // a user may have reloaded meanwhile
        found = std::move(again);
    }
    co_return false;
}

asio::awaitable<void> daemon::reload_when_files_change() {
    auto executor = co_await asio::this_coro::executor;
    asio::steady_timer next_look(executor);
    for (;;) {
        next_look.expires_after(look_interval);
        const auto [error] = co_await next_look.async_wait(net::nothrow);
        if (error || stopping_)
            co_return;
        const bool changed = co_await have_files_changed();
        if (changed && !stopping_)
            reload(reload_cause::changed_file);
    }
}

void daemon::refused_reload(const std::string& file, const std::string& mistakes) {
    event failed = daemon_event("config_reload_failed", severity::error,
                                "replmond refuses the new configuration; the old one stays in force");
    journal_.log(std::move(failed.with("file", file).with("error", mistakes)));
}

void daemon::log_loaded(const target_changes& changes) {
    event loaded = daemon_event("config_loaded", severity::info, "replmond loaded the configuration");
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
