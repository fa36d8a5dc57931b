#include "daemon/cli/daemon.hpp"

#include "daemon/cli/daemon_event.hpp"
#include "daemon/cloud/secret_reader.hpp"
#include "daemon/model/version.hpp"
#include "daemon/monitor/clocks.hpp"
#include "daemon/net/async.hpp"
#include "daemon/net/signals.hpp"

#include <climits>
#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <new>
#include <optional>
#include <poll.h>
#include <stdexcept>
#include <unistd.h>
#include <utility>
#include <variant>

namespace replmond::cli {

namespace asio = boost::asio;
using monitor::even_clock;
using monitor::wall_clock;

namespace {

// Under the 3 s that stopping may take; what stdout holds up is stored in 400 ms more.
constexpr auto patience_at_stop = std::chrono::milliseconds(1800);
constexpr auto patience_with_stdout = std::chrono::milliseconds(600);
constexpr int times_as_long_for_others = 9; // between two reloads

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

std::string text_of(const store::journal_leftover& left) {
    return fmt::format("{} events and {} states not stored, {} lines not printed", left.not_stored.events,
                       left.not_stored.states, left.not_printed);
}

// Not by std::cerr, which flushes std::cout first, and may wait for the worker that is stuck there. Nor is
// stderr waited for where it is the same pipe that nobody reads.
void say_at_the_end(const std::string& what) {
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
      tells_requests_(arguments.common.log_level == severity::debug), places_(places),
      log_(log_settings_of(arguments.common), exposition::stdout_sink()),
      page_(configuration.loaded->poll.stale_after),
      journal_(std::move(state.file), journal_settings_of(*configuration.loaded), journal_ports()),
      keeper_(std::move(state.past), std::move(state.latest), journal_),
      fleet_(context_.get_executor(), fleet_settings_of(*configuration.loaded), *this),
      roster_(fleet_, arguments.shard.value_or(schedule::shard{}), hooks_of_roster()),
      web_(arguments.telemetry_path, web_sources(arguments.enable_lifecycle), site_policy_of(arguments)),
      web_handler_(context_.get_executor(), web_,
                   [this](const net::pieced_text* text) { server_.cut_off(text); }),
      door_(context_.get_executor(), arguments.web_config_file, places_, ports_of_door()),
      server_(
          context_.get_executor(),
          [this](const net::http_request& request) { return web_handler_.answer(request); },
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
    ports.begun_anew = [this] { keeper_.write_again(); };
    return ports;
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

int daemon::run() {
    server_.start(group_);
    group_.spawn(web_handler_.run());
    group_.spawn(watch_signals());
    fleet_.run(group_);

    if (const auto broken = net::run_until_done(context_, group_))
        end_at_once(broken);
    const int exit_code = flush();
    // A thread that hangs in a lookup, or in stdout, ends with the process, and nothing may be destroyed
    // below it.
    if (!flushed_ || names_->lookups_out() || door_.is_busy() || cloud::secret_reader::any_out())
        std::_Exit(exit_code);
    return exit_code;
}

int daemon::flush() {
    const timestamp now = wall_clock();
    fleet_.each([&](const monitor::instance_view& of) { keeper_.finish(of, now); });
    flushed_ = journal_.stop(patience_with_stdout);
    const auto& left = journal_.left();
    if (left.nothing())
        return 0;
    say_at_the_end("stopped with " + text_of(left));
    return 1;
}

// The state may be half changed: only what was given to the journal is written.
void daemon::end_at_once(const std::exception_ptr& broken) {
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
    say_at_the_end(fmt::format("ended by an error: {}{}", why, lost));
    std::_Exit(1);
}

asio::awaitable<void> daemon::watch_signals() {
    auto executor = co_await asio::this_coro::executor;
    net::signal_queue signals(executor, {SIGTERM, SIGINT, SIGHUP});
    service_.ready(status_line());
    group_.spawn(net::keep_informed(service_, service_probe()));
    for (;;) {
        const std::optional<int> number = co_await signals.next();
        if (!number)
            co_return;
        if (*number == SIGHUP) {
            hang_up();
            continue;
        }
        begin_stop(*number == SIGTERM ? "SIGTERM" : "SIGINT");
        co_return;
    }
}

void daemon::hang_up() {
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

// A burst of signals must leave the loop to everybody else: those that come while one waits are one, and
// reloads take a tenth of the time at most.
asio::awaitable<void> daemon::reload_in_its_turn() {
    auto executor = co_await asio::this_coro::executor;
    asio::steady_timer until(executor, reload_not_before_);
    const auto [error] = co_await until.async_wait(net::nothrow);
    reload_waits_ = false;
    if (error || stopping_ || !reload_wanted_) // a request may have asked for one meanwhile
        co_return;
    const auto began = std::chrono::steady_clock::now();
    reload();
    const auto ended = std::chrono::steady_clock::now();
    reload_not_before_ = ended + times_as_long_for_others * (ended - began);
}

void daemon::begin_stop(const char* signal) {
    stopping_ = true;
    service_.stopping();
    event stopping = identified(daemon_event("stopping", severity::info, "replmond stops"));
    journal_.say(std::move(stopping.with("signal", signal)));
    server_.stop_listening();

    // A second signal ends the process at once. SIGHUP stays blocked: nothing is loaded again, and it ends
    // nothing. Nor can anything else keep it for long.
    net::unblock_signals({SIGTERM, SIGINT});
    auto bound = std::make_shared<asio::steady_timer>(context_, patience_at_stop);
    asio::co_spawn(context_, group_.join(), [bound](const std::exception_ptr&) { bound->cancel(); });
    bound->async_wait([this, bound](const boost::system::error_code& error) {
        if (error)
            return;
        std::_Exit(flush());
    });
    fleet_.stop();
    asio::post(context_, [this] { group_.stop(); });
}

} // namespace replmond::cli
