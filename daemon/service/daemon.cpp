// Composes the daemon from its parts, and starts, runs and stops it. What the monitor learns goes from here
// to metrics, journal and pages.

#include "daemon/service/daemon.hpp"

#include "daemon/cloud/connect_project.hpp"
#include "daemon/cloud/secret_reader.hpp"
#include "daemon/core/model/version.hpp"
#include "daemon/net/async.hpp"
#include "daemon/net/clocks.hpp"
#include "daemon/service/process.hpp"
#include "daemon/service/systemd.hpp"

#include <climits>
#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <new>
#include <optional>
#include <poll.h>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unistd.h>
#include <utility>
#include <variant>

namespace replmond::service {

event daemon_event(event_name name, severity level, std::string message) {
    return make_event(name, level, net::wall_clock(), std::move(message));
}

namespace asio = boost::asio;
using net::even_clock;
using net::wall_clock;

namespace {

// Less than the 3 s that a stop may take; what stdout blocks is stored in 400 ms more.
constexpr auto stop_timeout = std::chrono::milliseconds(1800);
constexpr auto patience_with_stdout = std::chrono::milliseconds(600);
// Idle time between two reloads, as a multiple of the first one's duration.
constexpr int reload_idle_factor = 9;

store::journal_settings journal_settings_of(const config::settings& settings) {
    store::journal_settings journal;
    journal.writing.retention = settings.state.retention;
    return journal;
}

log_settings log_settings_of(const common_arguments& arguments) {
    log_settings settings;
    settings.format = arguments.log_format;
    settings.least = arguments.log_level;
    settings.journal_prefix = stdout_is_journal();
    return settings;
}

std::string text_of(const store::journal_leftover& left) {
    return fmt::format("{} events and {} states not stored, {} lines not printed", left.not_stored.events,
                       left.not_stored.states, left.not_printed);
}

// Not std::cerr: it flushes std::cout first, which may wait for the worker that is blocked there. stderr may
// be the same blocked pipe, so it is written only if that does not block.
void print_at_the_end(const std::string& what) {
    const std::string line = "replmond: " + what + '\n';
    pollfd out{STDERR_FILENO, POLLOUT, 0};
    if (::poll(&out, 1, 100) == 1 && (out.revents & POLLOUT) != 0)
        (void)!::write(STDERR_FILENO, line.data(), std::min<std::size_t>(line.size(), PIPE_BUF));
}

std::string address_text(const asio::ip::tcp::endpoint& at) {
    const std::string host = at.address().to_string();
    return at.address().is_v6() ? fmt::format("[{}]:{}", host, at.port())
                                : fmt::format("{}:{}", host, at.port());
}

} // namespace

daemon::daemon(const run_arguments& arguments, config::load_outcome configuration,
               const config::lookup& places, opened_state state)
    : config_file_(configuration.file),
      state_path_(arguments.state_path.value_or(configuration.loaded->state.path)),
      state_path_is_fixed_(arguments.state_path.has_value()),
      logs_requests_(arguments.common.log_level == severity::debug), places_(places),
      reloads_by_itself_(arguments.auto_reload), log_(log_settings_of(arguments.common), stdout_sink()),
      page_(configuration.loaded->poll.stale_after),
      journal_(std::move(state.file), journal_settings_of(*configuration.loaded), journal_callbacks()),
      recorder_(std::move(state.past), std::move(state.latest), journal_),
      fleet_(context_.get_executor(), fleet_settings_of(*configuration.loaded, places_), *this),
      targets_(fleet_, arguments.shard.value_or(schedule::shard{}), target_callbacks_of()),
      router_(arguments.telemetry_path, router_sources(arguments.enable_lifecycle),
              site_policy_of(arguments)),
      web_handler_(context_.get_executor(), router_,
                   [this](const http::buffer_chain* text) { server_.cut_off(text); }),
      web_auth_(context_.get_executor(), arguments.web_config_file, places_, web_auth_callbacks_of()),
      server_(
          context_.get_executor(),
          [this](const http::http_request& request) { return web_handler_.answer(request); },
          limits_of_server()),
      group_(context_.get_executor()) {
    if (state.set_aside)
        journal_.log(std::move(*state.set_aside));
    if (arguments.shard) {
        metrics_.shard(arguments.shard->index, arguments.shard->count);
        shard_ = fmt::format("{}/{}", arguments.shard->index, arguments.shard->count);
    }
    if (!arguments.external_url.empty())
        metrics_.external_url(arguments.external_url);
    grafana_url_ = arguments.grafana_url;
    while (grafana_url_.ends_with('/'))
        grafana_url_.pop_back();
    started_ = wall_clock();
    listen(arguments.listen_addresses);
    const config::file_digests read = std::move(configuration.files);
    const auto changes = apply(std::move(*configuration.loaded));
    watch_files_of(read);
    metrics_.config_loaded(true, wall_clock());

    log_loaded(changes);
    log_start();
    for (const std::string& warning : configuration.warnings)
        warn(warning);
}

// The worker reaches the loop only by posting to it.
store::journal_callbacks daemon::journal_callbacks() {
    store::journal_callbacks callbacks;
    callbacks.print = [this](const event& line) { log_.write(line); };
    callbacks.post = [this](std::function<void()> work) { asio::post(context_, std::move(work)); };
    callbacks.write_failed = [this] { metrics_.state_write_error(); };
    callbacks.now = [] { return wall_clock(); };
    callbacks.begun_anew = [this] { recorder_.write_again(); };
    return callbacks;
}

void daemon::log_start() {
    for (const auto& address : server_.addresses())
        addresses_ += (addresses_.empty() ? "" : ",") + address_text(address);
    journal_.log(identified(daemon_event("started", severity::info, "replmond is running")));
}

event daemon::identified(event e) const {
    e.with("version", version)
        .with("addresses", addresses_)
        .with("instances", static_cast<std::int64_t>(settings_.instances.size()));
    return e;
}

int daemon::run() {
    server_.start(group_);
    group_.spawn(web_handler_.run());
    group_.spawn(watch_signals());
    if (reloads_by_itself_)
        group_.spawn(reload_when_files_change());
    fleet_.run(group_);

    if (const auto broken = net::run_until_done(context_, group_))
        exit_after_fatal_error(broken);
    const int exit_code = flush();
    // A thread that hangs in a lookup or in stdout cannot be cancelled and ends only with the process, so
    // nothing that it may use must be destroyed.
    if (!flushed_ || names_->lookups_out() || web_auth_.is_busy() || cloud::secret_reader::any_out() ||
        fleet_.databases_out())
        std::_Exit(exit_code);
    return exit_code;
}

int daemon::flush() {
    const timestamp now = wall_clock();
    fleet_.each([&](const monitor::instance_view& of) { recorder_.finish(of, now); });
    flushed_ = journal_.stop(patience_with_stdout);
    const auto& left = journal_.left();
    if (left.nothing())
        return 0;
    print_at_the_end("stopped with " + text_of(left));
    return 1;
}

// The state in memory may be half changed, so only what the journal already has is written.
void daemon::exit_after_fatal_error(const std::exception_ptr& broken) {
    std::string why = "unknown error";
    try {
        std::rethrow_exception(broken);
    } catch (const std::exception& e) {
        why = e.what();
    } catch (...) { // it has no text
    }
    journal_.stop(patience_with_stdout);
    const auto& left = journal_.left();
    const std::string lost = left.nothing() ? "" : fmt::format(" ({})", text_of(left));
    print_at_the_end(fmt::format("ended by an error: {}{}", why, lost));
    std::_Exit(1);
}

asio::awaitable<void> daemon::watch_signals() {
    auto executor = co_await asio::this_coro::executor;
    signal_queue signals(executor, {SIGTERM, SIGINT, SIGHUP});
    service_.ready(status_line());
    group_.spawn(keep_informed(service_, make_service_probe()));
    for (;;) {
        const std::optional<int> number = co_await signals.next();
        if (!number)
            co_return;
        if (*number == SIGHUP) {
            request_reload();
            continue;
        }
        begin_stop(*number == SIGTERM ? "SIGTERM" : "SIGINT");
        co_return;
    }
}

void daemon::request_reload() {
    reload_wanted_ = true;
    if (std::exchange(reload_waits_, true))
        return;
    try {
        group_.spawn(reload_in_its_turn());
    } catch (const std::bad_alloc&) {
        reload_waits_ = false;
        reload();
    }
}

// A burst of signals must not block the loop: signals that come while a reload waits are merged into it, and
// reloads take at most a tenth of the time.
asio::awaitable<void> daemon::reload_in_its_turn() {
    auto executor = co_await asio::this_coro::executor;
    asio::steady_timer until(executor, reload_not_before_);
    const auto [error] = co_await until.async_wait(net::nothrow);
    reload_waits_ = false;
    if (error || stopping_ || !reload_wanted_) // POST /-/reload may have reloaded meanwhile
        co_return;
    const auto began = std::chrono::steady_clock::now();
    reload();
    const auto ended = std::chrono::steady_clock::now();
    reload_not_before_ = ended + reload_idle_factor * (ended - began);
}

void daemon::begin_stop(const char* signal) {
    stopping_ = true;
    service_.stopping();
    event stopping = identified(daemon_event("stopping", severity::info, "replmond stops"));
    journal_.log(std::move(stopping.with("signal", signal)));
    server_.stop_listening();

    // A second signal ends the process at once, also if something hangs here. SIGHUP stays blocked: it
    // reloads nothing any more, and does not end the process.
    unblock_signals({SIGTERM, SIGINT});
    auto bound = std::make_shared<asio::steady_timer>(context_, stop_timeout);
    asio::co_spawn(context_, group_.join(), [bound](const std::exception_ptr&) { bound->cancel(); });
    bound->async_wait([this, bound](const boost::system::error_code& error) {
        if (error)
            return;
        std::_Exit(flush());
    });
    fleet_.stop();
    asio::post(context_, [this] { group_.stop(); });
}

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
        event e = well ? daemon_event("watchdog_fed", severity::info,
                                      "all polls make progress again, and all listeners accept connections")
                       : daemon_event("watchdog_withheld", severity::error,
                                      "a poll or a listener hangs; systemd will restart replmond");
        e.with("overdue", static_cast<std::int64_t>(overdue.size()))
            .with("listeners", static_cast<std::int64_t>(server_.accepting()));
        if (!overdue.empty())
            e.with("first", overdue.front());
        journal_.log(std::move(e));
    }
    was_well_ = well;
    return well;
}

// An exception here must not end the daemon; but if its state cannot be determined, the watchdog is not fed.
service_probe daemon::make_service_probe() {
    service_probe probe;
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

target_callbacks daemon::target_callbacks_of() {
    target_callbacks to;
    to.connect = [this](const config::project_settings& project, schedule::project_key key,
                        const config::poll_settings& poll,
                        const config::lookup& places) { return connect(project, key, poll, places); };
    to.known_from_before = [this](const std::string& project, const std::string& project_id) {
        return recorder_.discovered(project, project_id);
    };
    to.spawn = [this](asio::awaitable<void> work) { group_.spawn(std::move(work)); };
    to.log = [this](event e) { journal_.log(std::move(e)); };
    to.discovered = [this](event e, const instance_identity& of) {
        recorder_.record_discovered(std::move(e), of, wall_clock());
    };
    to.log_about = [this](event e, const instance_identity& of) { recorder_.record(std::move(e), of); };
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
    cloud::project_callbacks callbacks;
    // The last requests may end after their project was removed.
    callbacks.request = [this, name = project.name](const cloud::sent_request& sent) {
        if (!gone_projects_.contains(name))
            metrics_.api_request(name, sent.operation, sent.code, sent.took);
        if (logs_requests_)
            journal_.log(cloud::request_event(name, sent, wall_clock()));
    };
    callbacks.credential.log = [this](event e) { journal_.log(std::move(e)); };
    gone_projects_.erase(project.name);
    callbacks.credential.state = [this, name = project.name](bool usable,
                                                             std::optional<timestamp> expires_at) {
        if (!gone_projects_.contains(name))
            metrics_.credential(name, usable, expires_at);
    };
    callbacks.permits =
        std::make_shared<monitor::dispatcher::permits>(fleet_.requests(), key, schedule::purpose::credential);
    return cloud::connect_project(context_.get_executor(), project, poll.timeout, places, names_,
                                  std::move(callbacks), static_cast<std::size_t>(poll.concurrency));
}

std::optional<instance_past> daemon::recall(const instance_identity& of) {
    return recorder_.recall(of);
}

void daemon::on_changed(const monitor::instance_view& of, std::vector<event> events) {
    const auto [known, is_new] = states_.try_emplace(&of.state, of.state.identity.name);
    if (is_new || known->second != of.state.identity.name) {
        known->second = of.state.identity.name;
        listed_ = nullptr;
    }
    if (of.tasks_changed) {
        page_.update(of.state, even_clock());
        totals_.forget(of.state);
    } else {
        page_.update_poll(of.state);
    }
    recorder_.record(of, std::move(events), wall_clock());
    if (targets_.has_learned_of_duplicates())
        asio::post(context_, [this] { targets_.settle_duplicates(); });
}

// The lag itself is not stored, only the events about it.
void daemon::on_lag(const monitor::instance_view& of, std::vector<event> events) {
    page_.update_lag(of.state, even_clock());
    totals_.forget(of.state);
    for (event& each : events)
        recorder_.record(std::move(each), of.state.identity);
}

void daemon::on_removed(const monitor::instance_view& of) {
    states_.erase(&of.state);
    listed_ = nullptr;
    page_.remove(of.state);
    totals_.forget(of.state);
    recorder_.forget(of, wall_clock());
}

void daemon::on_line(event line) {
    journal_.log(std::move(line));
}

void daemon::on_unexpected(const instance_identity& of, const std::vector<unexpected_value>& values) {
    for (const unexpected_value& value : values)
        metrics_.unexpected_value(of.project, value.field);
}

} // namespace replmond::service
