#pragma once

#include "daemon/cloud/project_api.hpp"
#include "daemon/cloud/secret_reader.hpp"
#include "daemon/core/config/load.hpp"
#include "daemon/core/metrics/metrics_page.hpp"
#include "daemon/core/model/event.hpp"
#include "daemon/core/web/fleet_view.hpp"
#include "daemon/core/web/router.hpp"
#include "daemon/monitor/fleet.hpp"
#include "daemon/net/client/resolver.hpp"
#include "daemon/net/server/http_server.hpp"
#include "daemon/net/task_group.hpp"
#include "daemon/service/daemon_metrics.hpp"
#include "daemon/service/event_log.hpp"
#include "daemon/service/run.hpp"
#include "daemon/service/state_recorder.hpp"
#include "daemon/service/systemd.hpp"
#include "daemon/service/targets.hpp"
#include "daemon/service/web_auth.hpp"
#include "daemon/service/web_handler.hpp"
#include "daemon/store/journal.hpp"

#include <boost/asio/io_context.hpp>

#include <chrono>
#include <exception>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace replmond::service {

/// An event about the daemon itself, with the current time.
event daemon_event(event_name name, severity level, std::string message);

/// The daemon, composed of its parts: what the monitor learns goes to the log and the metrics, and the web
/// server answers from both. One thread, one io_context.
class daemon final : monitor::observer {
public:
    /// Starts to listen. Throws std::exception with a text for the user when something cannot be started.
    daemon(const run_arguments& arguments, config::load_outcome configuration, const config::lookup& places,
           opened_state state);

    /// Serves until SIGTERM or SIGINT; a second one ends the process at once. SIGTERM, SIGINT and SIGHUP must
    /// be blocked. Returns the exit code: 0; or 1, with a line on stderr, if not everything could be stored
    /// and printed. An exception that no part has handled ends the process here, also with 1 and a line on
    /// stderr.
    int run();

private:
    std::optional<instance_past> recall(const instance_identity& of) override;
    void on_changed(const monitor::instance_view& of, std::vector<event> events) override;
    void on_lag(const monitor::instance_view& of, std::vector<event> events) override;
    void on_removed(const monitor::instance_view& of) override;
    void on_line(event line) override;
    void on_unexpected(const instance_identity& of, const std::vector<unexpected_value>& values) override;

    void listen(const std::vector<std::string>& addresses);
    web_auth_callbacks web_auth_callbacks_of();
    static http::server_limits limits_of_server();
    void http_failed(const http::http_failure& failure);
    void refused_reload(const std::string& file, const std::string& mistakes);
    store::journal_callbacks journal_callbacks();
    int flush();
    [[noreturn]] void exit_after_fatal_error(const std::exception_ptr& broken);
    std::vector<const event*> events(const web::event_filter& wanted) const;
    web::fleet_view view();
    target_callbacks target_callbacks_of();
    std::shared_ptr<cloud::project_api> connect(const config::project_settings& project,
                                                schedule::project_key key, const config::poll_settings& poll,
                                                const config::lookup& places);
    static monitor::fleet_settings fleet_settings_of(const config::settings& settings,
                                                     const config::lookup& places);
    target_changes apply(config::settings settings);
    /// Who asks for a reload: a user, by a signal or a request, or a changed file.
    enum class reload_cause { user, changed_file };
    std::string reload(reload_cause cause = reload_cause::user);
    std::string take_new_configuration(reload_cause cause);
    void watch_files_of(const config::file_digests& read);
    boost::asio::awaitable<std::optional<config::file_digests>> read_files_again();
    boost::asio::awaitable<bool> have_files_changed();
    boost::asio::awaitable<void> reload_when_files_change();
    void log_loaded(const target_changes& changes);
    void log_start();
    event identified(event e) const; ///< adds version, addresses and number of instances
    void warn(std::string message);

    boost::asio::awaitable<void> watch_signals();
    void request_reload();
    boost::asio::awaitable<void> reload_in_its_turn();
    metrics::text_chunks metrics_chunks(metrics::format as);
    void begin_stop(const char* signal);

    std::string status_line() const;
    bool is_well();
    service_probe make_service_probe();

    web::router_sources router_sources(bool may_reload);
    static web::site_policy site_policy_of(const run_arguments& arguments);
    web::daemon_facts facts() const;

    config::settings settings_;
    std::string config_file_;
    std::string state_path_;
    bool state_path_is_fixed_; ///< given on the command line
    bool logs_requests_;       ///< --log.level=debug: every request to the cloud is logged
    config::lookup places_;
    bool reloads_by_itself_;            ///< --config.enable-auto-reload
    config::file_digests files_read_;   ///< what the files held when the configuration was read last
    cloud::secret_reader files_reader_; ///< reads them again
    boost::asio::io_context context_{1};
    event_log log_;
    metrics::metrics_page page_;
    web::totals_cache totals_;
    daemon_metrics metrics_;
    store::journal journal_;
    state_recorder recorder_;
    std::shared_ptr<client::resolver> names_ = std::make_shared<client::resolver>();
    std::map<const instance_state*, std::string> states_; ///< names, for the API and the status page
    std::shared_ptr<const web::instance_list> listed_;    ///< the same, sorted; null: must be made again
    std::set<std::string> gone_projects_;                 ///< removed by a reload
    monitor::fleet fleet_;
    targets targets_;
    web::router router_;
    web_handler web_handler_;
    web_auth web_auth_;
    bool is_web_config_stale_ = false; ///< a change of its files was refused
    line_limit http_failures_{std::chrono::minutes(1)};
    server::http_server server_;
    systemd_notify service_;
    bool was_well_ = true;
    bool reload_refused_ = false;
    bool reload_wanted_ = false; ///< a SIGHUP has come since the last reload
    bool reload_waits_ = false;  ///< reload_in_its_turn() is running
    std::chrono::steady_clock::time_point reload_not_before_;
    net::task_group group_;   ///< last member: destroyed first, so everything else outlives the coroutines
    std::string addresses_;   ///< the bound addresses, comma separated
    std::string shard_;       ///< `i/n`, or empty
    std::string grafana_url_; ///< without a slash at the end, or empty
    timestamp started_{};
    bool stopping_ = false;
    bool flushed_ = false; ///< the journal's worker has ended
};

} // namespace replmond::service
