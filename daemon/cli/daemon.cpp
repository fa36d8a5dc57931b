#include "daemon/cli/daemon.hpp"

#include "daemon/cli/connect_project.hpp"
#include "daemon/config/dump.hpp"
#include "daemon/model/version.hpp"
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

namespace {

// Under the 3 s that stopping may take: a lookup that hangs in getaddrinfo cannot be cancelled.
constexpr auto patience_at_stop = std::chrono::milliseconds(2500);

timestamp wall_clock() {
    return std::chrono::floor<milliseconds>(std::chrono::system_clock::now());
}

event daemon_event(const char* name, severity level, std::string message) {
    event e;
    e.name = name;
    e.level = level;
    e.time = wall_clock();
    e.message = std::move(message);
    return e;
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
               const config::lookup& places)
    : settings_(std::move(*configuration.loaded)), config_file_(configuration.file),
      log_(log_settings_of(arguments.common), exposition::stdout_sink()), page_(settings_.poll.stale_after),
      fleet_(context_.get_executor(), fleet_settings_of(settings_), *this),
      web_(arguments.telemetry_path, web_sources()),
      handler_([this](const net::http_request& request) { return web_.answer(request); }),
      group_(context_.get_executor()) {
    config::lookup beside = places;
    beside.directory = settings_.directory;
    for (const config::project_settings& project : settings_.projects)
        add_project(project, beside);
    listen(arguments.listen_addresses);
    metrics_.config_loaded(true, wall_clock());
    for (const config::instance_settings& instance : settings_.instances)
        add_instance(instance);

    log_start();
    for (const std::string& warning : configuration.warnings)
        warn(warning);
    if (!settings_.state.path.empty() || arguments.state_path)
        warn("state.path is not used by this version: state is kept in memory only");
}

void daemon::add_project(const config::project_settings& project, const config::lookup& places) {
    if (project.discover)
        warn(fmt::format("project {}: this version does not discover instances; \"discover\" is ignored",
                         project.name));

    project_hooks hooks;
    hooks.request = [this, name = project.name](std::string_view operation, std::string_view code,
                                                std::chrono::duration<double> took) {
        metrics_.api_request(name, operation, code, took);
    };
    hooks.credential.say = [this](event e) { log_.write(std::move(e)); };
    hooks.credential.state = [this, name = project.name](bool usable, std::optional<timestamp> expires_at) {
        metrics_.credential(name, usable, expires_at);
    };
    metrics_.add_project(project.name);
    auto api = connect_project(context_.get_executor(), project, settings_.poll.timeout, places,
                               std::move(hooks), static_cast<std::size_t>(settings_.poll.concurrency));
    projects_.emplace(project.name, std::move(api));
}

void daemon::add_instance(const config::instance_settings& instance) {
    monitor::watched_instance watched;
    watched.identity.project = instance.project;
    watched.identity.name = instance.name;
    watched.identity.id = instance.id;
    watched.identity.labels = instance.labels;
    for (const config::project_settings& project : settings_.projects) {
        if (project.name == instance.project) {
            watched.identity.region = project.region;
            watched.identity.project_id = project.project_id.value_or("");
        }
    }
    watched.interval = instance.interval;
    watched.request_timeout = instance.timeout;
    watched.page_size = instance.page_size;
    watched.api = projects_.at(instance.project).get();
    fleet_.add(std::move(watched));
}

void daemon::listen(const std::vector<std::string>& addresses) {
    for (const std::string& address : addresses) {
        try {
            listeners_.push_back(net::listen_on(context_.get_executor(), address));
        } catch (const boost::system::system_error& e) {
            throw std::runtime_error(fmt::format("cannot listen on {}: {}", address, e.code().message()));
        } catch (const std::invalid_argument& e) {
            throw std::runtime_error(fmt::format("--web.listen-address: {}", e.what()));
        }
    }
}

void daemon::log_start() {
    event loaded = daemon_event("config_loaded", severity::info, "the configuration is loaded");
    loaded.with("file", config_file_)
        .with("projects", static_cast<std::int64_t>(settings_.projects.size()))
        .with("instances", static_cast<std::int64_t>(settings_.instances.size()));
    log_.write(std::move(loaded));

    for (const auto& listener : listeners_)
        addresses_ += (addresses_.empty() ? "" : ",") + address_text(listener.local_endpoint());
    log_.write(identified(daemon_event("started", severity::info, "replmond is running")));
}

event daemon::identified(event e) const {
    e.with("version", version)
        .with("addresses", addresses_)
        .with("instances", static_cast<std::int64_t>(settings_.instances.size()));
    return e;
}

void daemon::warn(std::string message) {
    log_.write(daemon_event("config_warning", severity::warn, std::move(message)));
}

int daemon::run() {
    for (auto& listener : listeners_)
        group_.spawn(net::serve(listener, group_, handler_));
    group_.spawn(watch_signals());
    fleet_.run(group_);

    std::exception_ptr broken;
    asio::co_spawn(context_, group_.join(), [&broken](const std::exception_ptr& error) { broken = error; });
    context_.run();
    if (broken)
        std::rethrow_exception(broken);
    return 0;
}

// SIGHUP is caught so that it does not end the daemon, as it would by default.
asio::awaitable<void> daemon::watch_signals() {
    auto executor = co_await asio::this_coro::executor;
    asio::signal_set signals(executor, SIGTERM, SIGINT, SIGHUP);
    for (;;) {
        const auto [error, number] = co_await signals.async_wait(net::nothrow);
        if (error)
            co_return;
        if (number == SIGHUP) {
            log_.write(daemon_event("config_reload_failed", severity::error,
                                    "this version cannot reload its configuration; restart it instead"));
            continue;
        }
        begin_stop(number == SIGTERM ? "SIGTERM" : "SIGINT");
        co_return;
    }
}

void daemon::begin_stop(const char* signal) {
    stopping_ = true;
    event stopping = identified(daemon_event("stopping", severity::info, "replmond stops"));
    log_.write(std::move(stopping.with("signal", signal)));
    for (auto& listener : listeners_)
        listener.close();

    // A second signal ends the process at once: the signal set is gone then, and the default action is back.
    // A lookup that hangs must not keep it either: every line is out already.
    auto bound = std::make_shared<asio::steady_timer>(context_, patience_at_stop);
    asio::co_spawn(context_, group_.join(), [bound](const std::exception_ptr&) { bound->cancel(); });
    bound->async_wait([bound](const boost::system::error_code& error) {
        if (!error)
            std::_Exit(0);
    });
    asio::post(context_, [this] { group_.stop(); });
}

void daemon::on_events(std::vector<event> events) {
    for (event& e : events)
        log_.write(std::move(e));
}

void daemon::on_changed(const instance_state& state, timestamp now) {
    states_.insert(&state);
    page_.update(state, now);
}

void daemon::on_unexpected(const instance_identity& of, const std::vector<unexpected_value>& values) {
    for (const unexpected_value& value : values)
        metrics_.unexpected_value(of.project, value.field);
}

exposition::web_sources daemon::web_sources() {
    exposition::web_sources sources;
    sources.metrics = [this](exposition::format as) {
        std::string text;
        page_.append_to(text, wall_clock(), as);
        metrics_.append_to(text, as);
        return text;
    };
    sources.config = [this] { return config::dump(settings_); };
    sources.ready = [this] { return fleet_.ready() && !stopping_; };
    sources.landing_facts = [this] { return landing_facts(); };
    sources.count = [this](std::string_view handler, int code) { metrics_.http_request(handler, code); };
    return sources;
}

std::string daemon::landing_facts() const {
    using exposition::escape_html;
    std::vector<const instance_state*> states(states_.begin(), states_.end());
    std::sort(states.begin(), states.end(), [](const instance_state* a, const instance_state* b) {
        return a->identity.name < b->identity.name;
    });
    std::string rows;
    for (const instance_state* state : states) {
        const std::string_view outcome =
            state->last_result ? to_string(*state->last_result) : "not polled yet";
        rows += fmt::format("<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>\n",
                            escape_html(state->identity.project), escape_html(state->identity.name),
                            state->tasks.size(), outcome);
    }
    if (rows.empty())
        return "<p>No instances are configured.</p>\n";
    return "<table>\n<tr><th>Project</th><th>StarRocks instance</th><th>Tasks</th><th>Last poll</th></tr>\n" +
           rows + "</table>\n";
}

} // namespace replmond::cli
