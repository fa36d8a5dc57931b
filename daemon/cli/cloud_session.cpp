#include "daemon/cli/cloud_session.hpp"

#include "daemon/cli/connect_project.hpp"
#include "daemon/cloud/secret_reader.hpp"
#include "daemon/monitor/clocks.hpp"
#include "daemon/net/async.hpp"

#include <boost/asio/signal_set.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <random>
#include <stdexcept>
#include <utility>

namespace replmond::cli {

namespace asio = boost::asio;

cloud_session::cloud_session(config::settings settings, config::lookup places, std::function<void(event)> say)
    : settings_(std::move(settings)), places_(std::move(places)), say_(std::move(say)),
      traffic_(context_.get_executor(), settings_.poll.concurrency,
               {[](schedule::instance_key) {}, [](const schedule::stretch_change&) {}}),
      group_(context_.get_executor()) {
    places_.directory = settings_.directory;
    std::signal(SIGPIPE, SIG_IGN); // a server that hangs up is an error code, not the end
}

cloud_session::end cloud_session::run(asio::awaitable<int> work) {
    traffic_.start();
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
    traffic_.stop();
    group_.stop();
}

cloud_session::connected& cloud_session::project(const std::string& name) {
    if (const auto known = projects_.find(name); known != projects_.end())
        return known->second;
    const auto found = std::find_if(settings_.projects.begin(), settings_.projects.end(),
                                    [&](const config::project_settings& p) { return p.name == name; });
    connected added;
    added.key = projects_.size() + 1;
    project_hooks hooks;
    hooks.request = [say = say_, name](const cloud::sent_request& sent) {
        say(cloud::request_event(name, sent, monitor::wall_clock()));
    };
    hooks.credential.say = say_;
    hooks.credential.state = [](bool, std::optional<timestamp>) {};
    hooks.gate = std::make_shared<monitor::traffic::gate>(traffic_, added.key, schedule::purpose::credential);
    auto line = open_project_line(context_.get_executor(), *found, settings_.poll.timeout, places_, names_,
                                  std::move(hooks), static_cast<std::size_t>(settings_.poll.concurrency));
    added.api = cloud::make_project_api(line);
    added.commands = std::make_unique<cloud::task_commands>(std::move(line));
    traffic_.plan().add_project(added.key, {found->limit.requests, found->limit.window});
    return projects_.emplace(name, std::move(added)).first->second;
}

cloud::project_api& cloud_session::api(const std::string& of) {
    return *project(of).api;
}

cloud::task_commands& cloud_session::commands(const std::string& of) {
    return *project(of).commands;
}

monitor::traffic::gate cloud_session::gate(const std::string& of) {
    return {traffic_, project(of).key, schedule::purpose::reason};
}

// A reading is an instance of its own to the plan: added when it is due, gone when it is over. So it is the
// command that says when the next one is, and slots, budget and retries are as ever.
asio::awaitable<monitor::list_outcome> cloud_session::read(const steered_instance& of,
                                                           std::set<std::string> known,
                                                           monitor::reading_memory& memory,
                                                           milliseconds interval) {
    struct place {
        monitor::traffic& in;
        schedule::instance_key key;
        place(monitor::traffic& traffic, schedule::instance_key is) : in(traffic), key(is) {}
        place(const place&) = delete;
        place& operator=(const place&) = delete;
        ~place() { in.remove(key); }
    };
    const connected& through = project(of.identity.project);
    const place reading(traffic_, ++last_reading_);
    traffic_.plan().add(reading.key, through.key, of.identity.id, interval, traffic_.up());
    traffic_.pump();

    monitor::list_job job;
    job.instance_id = of.identity.id;
    job.page_size = of.page_size;
    job.request_timeout = of.request_timeout;
    job.known_tasks = [known = std::move(known)] { return known; };
    const auto next_tick = traffic_.up() + interval;
    job.after_failure = [this, key = through.key, next_tick](const failure& why, int attempts, int retries) {
        return decide(key, why, attempts, retries, next_tick);
    };
    monitor::traffic::gate gate(traffic_, through.key, schedule::purpose::poll, reading.key);
    gate.about(of.identity.name, of.identity.id);
    auto outcome = co_await monitor::read_list(*through.api, std::move(job), memory, gate);
    co_return outcome;
}

schedule::retry_decision cloud_session::decide(schedule::project_key project, const failure& why,
                                               int attempts, int retries, schedule::uptime next_tick) {
    static std::minstd_rand dice{std::random_device()()};
    schedule::failed_attempt at;
    at.attempts = attempts;
    at.within_share = retries == 0 || traffic_.plan().may_retry(project, traffic_.up());
    at.now = traffic_.up();
    at.next_tick = next_tick;
    return schedule::after_failure(why, at, std::uniform_real_distribution<double>(0, 1)(dice));
}

asio::awaitable<void> cloud_session::rest(milliseconds length) {
    asio::steady_timer timer(context_, length);
    const auto [error] = co_await timer.async_wait(net::nothrow);
    if (error)
        net::throw_cancelled();
}

int cloud_session::leave(int code) const {
    std::cout.flush();
    if (names_->lookups_out() || cloud::secret_reader::any_out())
        std::_Exit(code);
    return code;
}

} // namespace replmond::cli
