#pragma once

#include "daemon/cli/arguments.hpp"
#include "daemon/cli/console.hpp"
#include "daemon/cloud/connect_project.hpp"
#include "daemon/cloud/project_api.hpp"
#include "daemon/cloud/task_commands.hpp"
#include "daemon/core/config/secret.hpp"
#include "daemon/core/config/settings.hpp"
#include "daemon/core/model/instance.hpp"
#include "daemon/database/workers.hpp"
#include "daemon/monitor/dispatcher.hpp"
#include "daemon/monitor/read_list.hpp"
#include "daemon/net/client/resolver.hpp"
#include "daemon/net/task_group.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>

namespace replmond::cli {

/// A StarRocks instance that a command works on.
struct target_instance {
    instance_identity identity;
    milliseconds request_timeout{};
    int page_size = 100;
    bool discovered = false;
    std::optional<config::lag_settings> lag = {}; ///< how its lag is measured; the host may be empty
};

/// One command's access to the cloud, with the daemon's configuration, credentials, client, and rules for
/// budget and retries. It does not know what a daemon that runs at the same time has sent.
class cloud_session {
public:
    /// `log` receives events about credentials and, at debug level, requests.
    cloud_session(config::settings settings, config::lookup places, std::function<void(event)> log);

    const config::settings& settings() const { return settings_; }
    /// Where secrets and files beside the configuration are looked up.
    const config::lookup& places() const { return places_; }
    /// Threads for what asks databases.
    database::workers& databases() {
        has_asked_databases_ = true;
        return databases_;
    }
    boost::asio::io_context& loop() { return context_; }
    net::task_group& group() { return group_; }

    struct end {
        int code = 0;
        int signal = 0; ///< SIGINT or SIGTERM; then `code` has no meaning. 0: none
    };
    /// Runs `work` and everything that it spawns until it has ended, or until SIGINT or SIGTERM; then
    /// everything is cancelled. Rethrows an exception of `work`. To be called once.
    end run(boost::asio::awaitable<int> work);

    /// Called for every request that was sent; to be set before the first one.
    void observe(std::function<void(const std::string& project, const cloud::sent_request&)> observer) {
        observer_ = std::move(observer);
    }
    /// How the project's service is reached. Throws std::exception with a text for the user.
    cloud::service_route route(const std::string& project);

    /// Connects to the project on first use. Throws std::exception with a text for the user.
    cloud::project_api& api(const std::string& project);
    cloud::task_commands& commands(const std::string& project);

    /// The permits of a request that belongs to no reading.
    monitor::dispatcher::permits permits(const std::string& project);

    /// Reads the list of an instance as the daemon does; retries start within `interval`. `known`: the tasks
    /// seen before. `memory` is updated. Throws operation_aborted when the session ends.
    boost::asio::awaitable<monitor::list_outcome> read(const target_instance& of, std::set<std::string> known,
                                                       tracking::reading_memory& memory,
                                                       milliseconds interval);

    /// Waits for `length`. Throws operation_aborted when the session ends.
    boost::asio::awaitable<void> rest(milliseconds length);
    milliseconds up() const { return dispatcher_.up(); } ///< since the session began

    /// Returns `code`. If a lookup or a read of a secret hangs, which cannot be cancelled, or if there are
    /// threads for databases, it ends the process at once with that code.
    int exit_with(int code) const;

private:
    /// All databases of a fleet are asked at once: a command waits for the slowest one only.
    static constexpr std::size_t most_databases = 128;

    struct connected {
        schedule::project_key key = 0;
        std::unique_ptr<cloud::project_api> api;
        std::unique_ptr<cloud::task_commands> commands;
    };
    const config::project_settings& settings_of(const std::string& name) const;
    connected& project(const std::string& name);
    boost::asio::awaitable<void> work_through(boost::asio::awaitable<int> work);
    boost::asio::awaitable<void> watch_signals();
    schedule::retry_decision decide(schedule::project_key project, const failure& why, int attempts,
                                    int retries, schedule::uptime next_tick);
    void finish();

    config::settings settings_;
    config::lookup places_;
    std::function<void(event)> say_;
    std::function<void(const std::string&, const cloud::sent_request&)> observer_;
    boost::asio::io_context context_{1};
    std::shared_ptr<client::resolver> names_ = std::make_shared<client::resolver>();
    monitor::dispatcher dispatcher_;
    database::workers databases_{most_databases};
    bool has_asked_databases_ = false;
    std::map<std::string, connected> projects_;
    schedule::instance_key last_reading_ = 0;
    end end_;
    net::task_group group_; ///< last member: destroyed first, so everything else outlives the coroutines
};

// Shared by the task commands.

using session_work = std::function<boost::asio::awaitable<int>(cloud_session&)>;

/// Loads the configuration and runs `work`. Errors are printed as a line on stderr. `interrupted` is called
/// after a signal, to print what was left undone; it may be null. Returns the exit code: that of `work`, 1,
/// or 128 plus the signal's number.
int run_session(const common_arguments& arguments, console& out, const session_work& work,
                const std::function<void()>& interrupted = nullptr);

/// For a command that reads once: retries start within a minute.
inline constexpr milliseconds retry_window_of_one_reading = std::chrono::minutes(1);

} // namespace replmond::cli
