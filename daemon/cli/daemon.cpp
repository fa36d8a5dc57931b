#include "daemon/cli/daemon.hpp"

#include "daemon/cli/connect_project.hpp"
#include "daemon/cli/load_configuration.hpp"
#include "daemon/model/version.hpp"
#include "daemon/monitor/clocks.hpp"
#include "daemon/net/async.hpp"

#include <boost/asio/signal_set.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <stdexcept>
#include <utility>
#include <variant>

namespace replmond::cli {

namespace asio = boost::asio;
using monitor::even_clock;
using monitor::wall_clock;

namespace {

// Under the 3 s that stopping may take.
constexpr auto patience_at_stop = std::chrono::milliseconds(2000);
constexpr auto patience_with_stdout = std::chrono::milliseconds(700);

event daemon_event(const char* name, severity level, std::string message) {
    event e;
    e.name = name;
    e.level = level;
    e.time = wall_clock();
    e.message = std::move(message);
    return e;
}

store::journal_settings journal_settings_of(const config::settings& settings) {
    store::journal_settings journal;
    journal.writing.retention = settings.state.retention;
    return journal;
}

exposition::log_settings log_settings_of(const common_arguments& arguments) {
    exposition::log_settings settings;
    settings.format = arguments.log_format;
    settings.least = arguments.log_level;
    settings.journal_prefix = exposition::stdout_is_journal();
    return settings;
}

monitor::fleet_settings fleet_settings_of(const config::settings& settings) {
    monitor::fleet_settings fleet;
    fleet.concurrency = settings.poll.concurrency;
    fleet.repeat_interval = settings.alerts.repeat_interval;
    return fleet;
}

std::string address_text(const asio::ip::tcp::endpoint& at) {
    const std::string host = at.address().to_string();
    return at.address().is_v6() ? fmt::format("[{}]:{}", host, at.port())
                                : fmt::format("{}:{}", host, at.port());
}

} // namespace

daemon::daemon(const run_arguments& arguments, config::load_outcome configuration,
               const config::lookup& places, opened_state state)
    : config_file_(configuration.file), state_path_(configuration.loaded->state.path),
      state_path_is_fixed_(arguments.state_path.has_value()), places_(places),
      log_(log_settings_of(arguments.common), exposition::stdout_sink()),
      page_(configuration.loaded->poll.stale_after),
      journal_(std::move(state.file), journal_settings_of(*configuration.loaded), journal_ports()),
      keeper_(std::move(state.past), std::move(state.latest), journal_),
      fleet_(context_.get_executor(), fleet_settings_of(*configuration.loaded), *this),
      roster_(fleet_, arguments.shard.value_or(schedule::shard{}), hooks_of_roster()),
      web_(arguments.telemetry_path, web_sources(arguments.enable_lifecycle)),
      door_(context_.get_executor(), arguments.web_config_file, places_, ports_of_door()),
      server_(
          context_.get_executor(), [this](const net::http_request& request) { return web_.answer(request); },
          limits_of_server()),
      group_(context_.get_executor()) {
    if (state.set_aside)
        journal_.say(std::move(*state.set_aside));
    if (arguments.shard) {
        metrics_.shard(arguments.shard->index, arguments.shard->count);
        shard_ = fmt::format("{}/{}", arguments.shard->index, arguments.shard->count);
    }
    started_ = wall_clock();
    listen(arguments.listen_addresses);
    const auto changes = apply(std::move(*configuration.loaded));
    metrics_.config_loaded(true, wall_clock());

    log_loaded(changes);
    log_start();
    for (const std::string& warning : configuration.warnings)
        warn(warning);
}

// The worker talks to the loop by posting.
store::journal_ports daemon::journal_ports() {
    store::journal_ports ports;
    ports.print = [this](const event& line) { log_.write(line); };
    ports.post = [this](std::function<void()> work) { asio::post(context_, std::move(work)); };
    ports.write_failed = [this] { metrics_.state_write_error(); };
    ports.now = [] { return wall_clock(); };
    return ports;
}

// Refused as a whole where any part of it cannot be used: then nothing has changed.
roster_changes daemon::apply(config::settings settings) {
    config::lookup beside = places_;
    beside.directory = settings.directory;
    const auto changes = roster_.apply(settings, beside);
    settings_ = std::move(settings);
    fleet_.change(fleet_settings_of(settings_));
    page_.change_stale_after(settings_.poll.stale_after, even_clock());
    journal_.set_retention(settings_.state.retention);
    if (settings_.state.path != state_path_ && !state_path_is_fixed_)
        warn("state.path changed: the new one is used after a restart");
    return changes;
}

roster_hooks daemon::hooks_of_roster() {
    roster_hooks to;
    to.connect = [this](const config::project_settings& project, schedule::project_key key,
                        const config::poll_settings& poll,
                        const config::lookup& places) { return connect(project, key, poll, places); };
    to.known_from_before = [this](const std::string& project, const std::string& project_id) {
        return keeper_.discovered(project, project_id);
    };
    to.spawn = [this](asio::awaitable<void> work) { group_.spawn(std::move(work)); };
    to.say = [this](event e) { journal_.say(std::move(e)); };
    to.say_about = [this](event e, const instance_identity& of) { keeper_.record(std::move(e), of); };
    to.project_added = [this](const config::project_settings& project) {
        gone_projects_.erase(project.name);
        metrics_.add_project(project.name);
        if (project.discover)
            metrics_.add_discovery(project.name);
        else
            metrics_.remove_discovery(project.name);
    };
    to.listed = [this](const std::string& project, bool success, std::size_t instances,
                       const std::vector<unexpected_value>& unexpected) {
        metrics_.discovery(project, success, wall_clock(), instances);
        for (const unexpected_value& value : unexpected)
            metrics_.unexpected_value(project, value.field);
    };
    to.project_removed = [this](const std::string& project) {
        gone_projects_.insert(project);
        metrics_.remove_project(project);
    };
    return to;
}

std::shared_ptr<cloud::project_api> daemon::connect(const config::project_settings& project,
                                                    schedule::project_key key,
                                                    const config::poll_settings& poll,
                                                    const config::lookup& places) {
    project_hooks hooks;
    // The last requests may end after their project.
    hooks.request = [this, name = project.name](std::string_view operation, std::string_view code,
                                                std::chrono::duration<double> took) {
        if (!gone_projects_.contains(name))
            metrics_.api_request(name, operation, code, took);
    };
    hooks.credential.say = [this](event e) { journal_.say(std::move(e)); };
    gone_projects_.erase(project.name);
    hooks.credential.state = [this, name = project.name](bool usable, std::optional<timestamp> expires_at) {
        if (!gone_projects_.contains(name))
            metrics_.credential(name, usable, expires_at);
    };
    hooks.gate = std::make_shared<monitor::traffic::gate>(fleet_.lanes(), key, schedule::purpose::credential);
    return connect_project(context_.get_executor(), project, poll.timeout, places, names_, std::move(hooks),
                           static_cast<std::size_t>(poll.concurrency));
}

// What is wrong; empty when the new configuration is in force.
std::string daemon::reload() {
    service_.reloading();
    auto mistakes = take_new_configuration();
    reload_refused_ = !mistakes.empty();
    service_.ready(status_line());
    return mistakes;
}

std::string daemon::take_new_configuration() {
    std::string mistakes;
    auto outcome = load_configuration(config_file_, places_);
    auto door = door_.prepare();
    if (outcome.loaded && door.mistakes.empty()) {
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

void daemon::log_start() {
    for (const auto& address : server_.addresses())
        addresses_ += (addresses_.empty() ? "" : ",") + address_text(address);
    journal_.say(identified(daemon_event("started", severity::info, "replmond is running")));
}

event daemon::identified(event e) const {
    e.with("version", version)
        .with("addresses", addresses_)
        .with("instances", static_cast<std::int64_t>(settings_.instances.size()));
    return e;
}

void daemon::warn(std::string message) {
    journal_.say(daemon_event("config_warning", severity::warn, std::move(message)));
}

int daemon::run() {
    server_.start(group_);
    group_.spawn(watch_signals());
    fleet_.run(group_);

    std::exception_ptr broken;
    asio::co_spawn(context_, group_.join(), [&broken](const std::exception_ptr& error) { broken = error; });
    context_.run();
    if (broken)
        std::rethrow_exception(broken);
    // A thread that hangs in a lookup, or in stdout, ends with the process, and nothing may be destroyed
    // below it.
    const bool flushed = flush();
    if (!flushed || names_->lookups_out() || door_.is_busy())
        std::_Exit(0);
    return 0;
}

bool daemon::flush() {
    const timestamp now = wall_clock();
    fleet_.each([&](const monitor::instance_view& of) { keeper_.finish(of, now); });
    return journal_.stop(patience_with_stdout);
}

asio::awaitable<void> daemon::watch_signals() {
    auto executor = co_await asio::this_coro::executor;
    asio::signal_set signals(executor, SIGTERM, SIGINT, SIGHUP);
    // Not before: a signal that comes earlier ends the process.
    service_.ready(status_line());
    group_.spawn(net::keep_informed(service_, service_probe()));
    for (;;) {
        const auto [error, number] = co_await signals.async_wait(net::nothrow);
        if (error)
            co_return;
        if (number == SIGHUP) {
            reload();
            continue;
        }
        begin_stop(number == SIGTERM ? "SIGTERM" : "SIGINT");
        co_return;
    }
}

void daemon::begin_stop(const char* signal) {
    stopping_ = true;
    service_.stopping();
    event stopping = identified(daemon_event("stopping", severity::info, "replmond stops"));
    journal_.say(std::move(stopping.with("signal", signal)));
    server_.stop_listening();

    // A second signal ends the process at once: the signal set is gone then, and the default action is back.
    // Nor can anything else keep it for long.
    auto bound = std::make_shared<asio::steady_timer>(context_, patience_at_stop);
    asio::co_spawn(context_, group_.join(), [bound](const std::exception_ptr&) { bound->cancel(); });
    bound->async_wait([this, bound](const boost::system::error_code& error) {
        if (error)
            return;
        flush();
        std::_Exit(0);
    });
    fleet_.stop();
    asio::post(context_, [this] { group_.stop(); });
}

std::optional<instance_past> daemon::recall(const instance_identity& of) {
    return keeper_.recall(of);
}

void daemon::on_changed(const monitor::instance_view& of, std::vector<event> events) {
    states_.insert(&of.state);
    if (of.tasks_changed) {
        page_.update(of.state, even_clock());
        totals_.forget(of.state);
    } else {
        page_.update_poll(of.state);
    }
    keeper_.record(of, std::move(events), wall_clock());
}

void daemon::on_removed(const monitor::instance_view& of) {
    states_.erase(&of.state);
    page_.remove(of.state);
    totals_.forget(of.state);
    keeper_.forget(of, wall_clock());
}

void daemon::on_line(event line) {
    journal_.say(std::move(line));
}

void daemon::on_unexpected(const instance_identity& of, const std::vector<unexpected_value>& values) {
    for (const unexpected_value& value : values)
        metrics_.unexpected_value(of.project, value.field);
}

} // namespace replmond::cli
