#pragma once

#include "daemon/cloud/project_api.hpp"
#include "daemon/core/config/secret.hpp"
#include "daemon/core/config/settings.hpp"
#include "daemon/core/schedule/shard.hpp"
#include "daemon/core/tracking/name_allocator.hpp"
#include "daemon/monitor/discovery_loop.hpp"
#include "daemon/monitor/fleet.hpp"

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace replmond::service {

/// What applying a configuration has changed; for the log.
struct target_changes {
    std::size_t added = 0; ///< instances
    std::size_t changed = 0;
    std::size_t removed = 0;
    std::size_t reconnected = 0; ///< projects with new endpoints, credentials or TLS files
};

/// Takes an event about an instance.
using event_logger = std::function<void(event, const instance_identity&)>;

/// What `targets` needs of the rest of the daemon.
struct target_callbacks {
    /// Makes the API client of one project. Throws std::exception with a text for the user.
    std::function<std::shared_ptr<cloud::project_api>(const config::project_settings&, schedule::project_key,
                                                      const config::poll_settings&, const config::lookup&)>
        connect;
    std::function<void(boost::asio::awaitable<void>)> spawn;
    std::function<void(event)> log;
    event_logger log_about;
    event_logger discovered; ///< like log_about, for an instance that is polled from now on
    /// The instances that were discovered in a project before the process started: names by id.
    std::function<std::map<std::string, std::string>(const std::string& project,
                                                     const std::string& project_id)>
        known_from_before;
    /// The project is new, or its discovery settings may have changed.
    std::function<void(const config::project_settings&)> project_added;
    std::function<void(const std::string& project)> project_removed;
    std::function<void(const std::string& project, bool success, std::size_t instances,
                       const std::vector<unexpected_value>&)>
        listed;
};

/// The instances that are polled. Keeps the fleet as the configuration and discovery want it. An instance is
/// the same while its project id and its own id are; then it keeps its timers, tasks, ages and counters. Two
/// entries of the configuration may be the same project of the cloud (duplicates): an instance that both have
/// is polled once, by the entry that configures it, else by the first entry, ordered by name, that discovers
/// it.
class targets {
public:
    targets(monitor::fleet& fleet, schedule::shard mine, target_callbacks callbacks);

    /// Takes a new configuration. Throws as `connect` does; then nothing has changed.
    target_changes apply(const config::settings& next, const config::lookup& places);

    /// True if a project's id has become known that another entry has too. Then settle_duplicates() must be
    /// called, in a turn of the loop of its own. To be called after every poll.
    bool has_learned_of_duplicates();
    void settle_duplicates();

    /// The current projects by name.
    const std::map<std::string, schedule::project_key>& projects() const { return keys_; }

private:
    struct active_project {
        config::project_settings settings;
        milliseconds timeout{};
        std::string ca_text; ///< content of ca_file, to detect changes
        std::shared_ptr<cloud::project_api> api;
        schedule::project_key key = 0;
        std::shared_ptr<monitor::discovery_loop> discovery; ///< null: the project does not discover
    };
    using project_map = std::map<std::string, active_project>;
    /// Project's id, or its name while the id is not known; then the instance's id.
    using instance_identity_key = std::pair<std::string, std::string>;
    /// By name: the other entries that are the same project.
    using duplicate_map = std::map<std::string, std::set<std::string>>;

    project_map reconnect(const config::settings& next, const config::lookup& places,
                          target_changes& changes) const;
    void undo_added_projects(const config::settings& refused) const;
    void forget_names(const project_map& next);
    static bool goes_on(const active_project& before, const active_project& now);
    void enter_projects(project_map& next);
    void leave_projects(const project_map& next);
    void enter_discovery(active_project& of, const active_project* before);
    const active_project* renamed_from(const active_project& of) const;
    void take_configured_names();
    duplicate_map find_duplicates() const;
    std::size_t count_known_ids() const;
    void look_for_duplicates();
    bool is_covered(const std::string& project, const std::string& id) const;
    bool is_in_a_duplicate(const std::string& project, const std::string& id) const;
    bool take_name_from_duplicates(const std::string& project, const std::string& id);
    void free_names_of_covered_instances();
    void release_name(const active_project& of, const std::string& id);
    void log_discovered_instances();
    void log_gone_instances();
    void found(const std::string& project, const tracking::discovery_changes& changes);
    void log_renamed(const tracking::name_allocator::renamed& name);
    void log(event (*what)(const instance_identity&, timestamp), const event_logger& notify,
             const std::string& project, const std::string& id, std::string name);

    target_changes reconcile();
    std::vector<monitor::watched_instance> wanted() const;
    monitor::watched_instance configured(const config::instance_settings& instance) const;
    monitor::watched_instance discovered(const active_project& of, const std::string& id,
                                         std::string name) const;
    static void complete(config::lag_settings& lag, const cloud::sql_address& listed, milliseconds interval);
    instance_identity identity_of(const active_project& of, std::string id, std::string name) const;
    std::multimap<instance_identity_key, schedule::instance_key> watched() const;
    std::optional<schedule::instance_key>
    find_watched(const std::multimap<instance_identity_key, schedule::instance_key>& known,
                 const monitor::watched_instance& instance) const;
    instance_identity_key identify(const monitor::watched_instance& instance) const;
    schedule::budget_limits limits_of(const config::project_settings& project) const;

    monitor::fleet& fleet_;
    schedule::shard mine_;
    target_callbacks callbacks_;
    config::settings settings_;
    project_map projects_;
    std::map<std::string, schedule::project_key> keys_;
    tracking::name_allocator names_;
    std::map<schedule::instance_key, monitor::watched_instance> watched_;
    bool fleet_is_current_ = false; ///< the fleet polls exactly the wanted instances
    duplicate_map duplicates_;
    std::set<std::pair<std::string, std::string>> duplicates_logged_; ///< pairs of names, in order
    /// Number of projects whose id is known.
    std::size_t ids_known_ = 0;
    std::vector<instance_identity> let_go_;               ///< by a reload; not logged yet
    std::vector<tracking::instance_key> found_by_reload_; ///< not logged yet
};

} // namespace replmond::service
