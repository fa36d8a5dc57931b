// What one command needs of the cloud: the daemon's clients, budget and retries, on a loop of its own that
// ends with the command or a signal.

#include "daemon/cli/cloud_session.hpp"

#include "daemon/cli/find_instances.hpp"
#include "daemon/cloud/connect_project.hpp"
#include "daemon/cloud/secret_reader.hpp"
#include "daemon/core/config/load.hpp"
#include "daemon/core/terminal/text.hpp"
#include "daemon/net/async.hpp"
#include "daemon/net/clocks.hpp"
#include "daemon/service/load_configuration.hpp"

#include <boost/asio/signal_set.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <random>
#include <stdexcept>
#include <utility>

namespace replmond::cli {

namespace asio = boost::asio;

cloud_session::cloud_session(config::settings settings, config::lookup places, std::function<void(event)> log)
    : settings_(std::move(settings)), places_(std::move(places)), say_(std::move(log)),
      dispatcher_(context_.get_executor(), settings_.poll.concurrency,
                  {[](schedule::instance_key) {}, [](const schedule::stretch_change&) {}}),
      group_(context_.get_executor()) {
    places_.directory = settings_.directory;
    // Writing to a closed connection is an error code then, and does not end the process.
    std::signal(SIGPIPE, SIG_IGN);
}

cloud_session::end cloud_session::run(asio::awaitable<int> work) {
    dispatcher_.start();
    group_.spawn(work_through(std::move(work)));
    group_.spawn(watch_signals());
    std::exception_ptr broken;
    asio::co_spawn(context_, group_.join(), [&broken](const std::exception_ptr& error) { broken = error; });
    context_.run();
    if (broken)
        std::rethrow_exception(broken);
    return end_;
}

asio::awaitable<void> cloud_session::work_through(asio::awaitable<int> work) {
    end_.code = co_await std::move(work);
    finish();
}

asio::awaitable<void> cloud_session::watch_signals() {
    auto executor = co_await asio::this_coro::executor;
    asio::signal_set signals(executor, SIGTERM, SIGINT);
    const auto [error, number] = co_await signals.async_wait(net::nothrow);
    if (error)
        co_return;
    end_.signal = number;
    finish();
}

void cloud_session::finish() {
    dispatcher_.stop();
    group_.stop();
}

const config::project_settings& cloud_session::settings_of(const std::string& name) const {
    return *std::find_if(settings_.projects.begin(), settings_.projects.end(),
                         [&](const config::project_settings& p) { return p.name == name; });
}

cloud::service_route cloud_session::route(const std::string& of) {
    return cloud::route_to_service(settings_of(of), places_, names_);
}

cloud_session::connected& cloud_session::project(const std::string& name) {
    if (const auto known = projects_.find(name); known != projects_.end())
        return known->second;
    const config::project_settings& found = settings_of(name);
    connected added;
    added.key = projects_.size() + 1;
    cloud::project_callbacks callbacks;
    callbacks.request = [this, name](const cloud::sent_request& sent) {
        if (observer_)
            observer_(name, sent);
        say_(cloud::request_event(name, sent, net::wall_clock()));
    };
    callbacks.credential.log = say_;
    callbacks.credential.state = [](bool, std::optional<timestamp>) {};
    callbacks.permits =
        std::make_shared<monitor::dispatcher::permits>(dispatcher_, added.key, schedule::purpose::credential);
    auto line = cloud::make_authenticated_client(context_.get_executor(), found, settings_.poll.timeout,
                                                 places_, names_, std::move(callbacks),
                                                 static_cast<std::size_t>(settings_.poll.concurrency));
    added.api = cloud::make_project_api(line);
    added.commands = std::make_unique<cloud::task_commands>(std::move(line));
    dispatcher_.scheduler().add_project(added.key, {found.limit.requests, found.limit.window});
    return projects_.emplace(name, std::move(added)).first->second;
}

cloud::project_api& cloud_session::api(const std::string& of) {
    return *project(of).api;
}

cloud::task_commands& cloud_session::commands(const std::string& of) {
    return *project(of).commands;
}

monitor::dispatcher::permits cloud_session::permits(const std::string& of) {
    return {dispatcher_, project(of).key, schedule::purpose::reason};
}

// For the scheduler each reading is an instance of its own, added when it is due and removed when it has
// ended. So the command decides when to read, and slots, budget and retries work as in the daemon.
asio::awaitable<monitor::list_outcome> cloud_session::read(const target_instance& of,
                                                           std::set<std::string> known,
                                                           tracking::reading_memory& memory,
                                                           milliseconds interval) {
    struct place {
        monitor::dispatcher& in;
        schedule::instance_key key;
        place(monitor::dispatcher& dispatcher, schedule::instance_key is) : in(dispatcher), key(is) {}
        place(const place&) = delete;
        place& operator=(const place&) = delete;
        ~place() { in.remove(key); }
    };
    const connected& through = project(of.identity.project);
    const place reading(dispatcher_, ++last_reading_);
    dispatcher_.scheduler().add(reading.key, through.key, of.identity.id, interval, dispatcher_.up());
    dispatcher_.dispatch();

    monitor::list_job job;
    job.instance_id = of.identity.id;
    job.page_size = of.page_size;
    job.request_timeout = of.request_timeout;
    job.known_tasks = [known = std::move(known)] { return known; };
    const auto next_tick = dispatcher_.up() + interval;
    job.after_failure = [this, key = through.key, next_tick](const failure& why, int attempts, int retries) {
        return decide(key, why, attempts, retries, next_tick);
    };
    monitor::dispatcher::permits permits(dispatcher_, through.key, schedule::purpose::poll, reading.key);
    permits.set_subject(of.identity.name, of.identity.id);
    auto outcome = co_await monitor::read_list(*through.api, std::move(job), memory, permits);
    co_return outcome;
}

schedule::retry_decision cloud_session::decide(schedule::project_key project, const failure& why,
                                               int attempts, int retries, schedule::uptime next_tick) {
    static std::minstd_rand jitter{std::random_device()()};
    schedule::failed_attempt at;
    at.attempts = attempts;
    at.within_share = retries == 0 || dispatcher_.scheduler().may_retry(project, dispatcher_.up());
    at.now = dispatcher_.up();
    at.next_tick = next_tick;
    return schedule::after_failure(why, at, std::uniform_real_distribution<double>(0, 1)(jitter));
}

asio::awaitable<void> cloud_session::rest(milliseconds length) {
    asio::steady_timer timer(context_, length);
    const auto [error] = co_await timer.async_wait(net::nothrow);
    if (error)
        net::throw_cancelled();
}

int cloud_session::exit_with(int code) const {
    std::cout.flush();
    // A thread that has asked a database keeps OpenSSL's state of that thread, which must not be cleaned up
    // while exit() takes OpenSSL down.
    if (names_->lookups_out() || cloud::secret_reader::any_out() || has_asked_databases_)
        std::_Exit(code);
    return code;
}

namespace {

constexpr int by_signal = 128;

} // namespace

int run_session(const common_arguments& arguments, console& out, const session_work& work,
                const std::function<void()>& interrupted) {
    const config::lookup places = config::system_lookup();
    auto outcome = service::load_configuration(arguments.config_file, places);
    if (!outcome.loaded) {
        for (const std::string& mistake : config::messages(outcome))
            out.error(terminal::shown(mistake));
        return 1;
    }
    try {
        cloud_session session(std::move(*outcome.loaded), places, [&out](const event& e) { out.log(e); });
        const auto end = session.run(work(session));
        if (end.signal != 0 && interrupted)
            interrupted();
        const bool printed = out.flush();
        if (!printed)
            out.error("cannot write to stdout");
        return session.exit_with(end.signal != 0 ? by_signal + end.signal : printed ? end.code : 1);
    } catch (const no_such_name& e) {
        out.mistake(e.what());
        return 1;
    } catch (const std::exception& e) {
        out.error(terminal::shown(e.what()));
        return 1;
    }
}

} // namespace replmond::cli
