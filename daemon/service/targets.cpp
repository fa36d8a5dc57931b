// Which instances are polled, and under which names: the difference between two configurations, and between
// two listings of discovery.

#include "daemon/service/targets.hpp"

#include "daemon/net/clocks.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

namespace replmond::service {

targets::targets(monitor::fleet& fleet, schedule::shard mine, target_callbacks callbacks)
    : fleet_(fleet), mine_(mine), callbacks_(std::move(callbacks)) {}

// Everything that can fail comes first.
target_changes targets::apply(const config::settings& next, const config::lookup& places) {
    target_changes changes;
    project_map projects;
    try {
        projects = reconnect(next, places, changes);
    } catch (const std::exception&) {
        undo_added_projects(next);
        throw;
    }

    const monitor::dispatcher::batch until_all_is_done(fleet_.requests());
    fleet_is_current_ = false;
    settings_ = next;
    forget_names(projects);
    enter_projects(projects);
    const project_map before = std::exchange(projects_, std::move(projects));
    keys_.clear();
    for (const auto& [name, of] : projects_)
        keys_.emplace(name, of.key);
    look_for_duplicates();
    take_configured_names();
    log_discovered_instances();
    const auto reconnected = changes.reconnected;
    changes = reconcile();
    changes.reconnected = reconnected;
    log_gone_instances();
    leave_projects(before);
    return changes;
}

// Configured names come first. Discovered instances may lose their names to them, may be configured
// themselves now, or may not be configured any more.
void targets::take_configured_names() {
    std::vector<tracking::name_allocator::configured> all;
    for (const config::instance_settings& instance : settings_.instances)
        all.push_back({{instance.project, instance.id}, instance.name});
    for (const auto& moved : names_.set_configured(all).moved)
        log_renamed(moved);
    free_names_of_covered_instances();
    for (const auto& [project, of] : projects_) {
        if (!of.discovery)
            continue;
        for (const auto& [id, cloud_name] : of.discovery->state().discovered()) {
            if (!is_covered(project, id) && !names_.find({project, id}))
                names_.add({project, id}, cloud_name);
        }
    }
}

void targets::found(const std::string& project, const tracking::discovery_changes& changes) {
    if (fleet_is_current_ && changes == tracking::discovery_changes())
        return;
    if (!std::exchange(fleet_is_current_, false))
        take_configured_names(); // also names instances that an exception has left without one
    for (const auto& gone : changes.gone) {
        const auto name = names_.find({project, gone.id});
        names_.remove({project, gone.id});
        if (name && mine_.owns(gone.id) && !is_in_a_duplicate(project, gone.id))
            log(&tracking::instance_gone, callbacks_.log_about, project, gone.id, *name);
    }
    for (const auto& renamed : changes.renamed) {
        if (const auto name = names_.rename({project, renamed.id}, renamed.name))
            log_renamed(*name);
    }
    for (const auto& added : changes.added) {
        if (is_covered(project, added.id))
            continue;
        const bool was_polled_by_duplicate = take_name_from_duplicates(project, added.id);
        const auto name = names_.add({project, added.id}, added.name);
        if (name && !was_polled_by_duplicate && mine_.owns(added.id))
            log(&tracking::instance_discovered, callbacks_.discovered, project, added.id, *name);
    }
    if (duplicates_.contains(project))
        take_configured_names(); // another entry may take over an instance
    reconcile();
}

void targets::log(event (*what)(const instance_identity&, timestamp), const event_logger& notify,
                  const std::string& project, const std::string& id, std::string name) {
    const auto identity = identity_of(projects_.at(project), id, std::move(name));
    notify(what(identity, net::wall_clock()), identity);
}

void targets::log_renamed(const tracking::name_allocator::renamed& name) {
    if (!mine_.owns(name.key.id))
        return;
    const auto identity = identity_of(projects_.at(name.key.project), name.key.id, name.name);
    callbacks_.log_about(tracking::instance_renamed(identity, name.old_name, net::wall_clock()), identity);
}

// Makes the fleet poll exactly the wanted instances. If anything is thrown on the way, watched_ still tells
// what the fleet has.
target_changes targets::reconcile() {
    target_changes changes;
    const monitor::dispatcher::batch until_all_is_done(fleet_.requests());
    const auto known = watched();
    std::set<schedule::instance_key> kept;
    std::vector<monitor::watched_instance> added;
    for (monitor::watched_instance& instance : wanted()) {
        const auto before = find_watched(known, instance);
        if (!before) {
            added.push_back(std::move(instance));
            continue;
        }
        const auto key = *before;
        kept.insert(key);
        auto& now = watched_.at(key);
        if (now.identity.project_id.empty())
            now.identity.project_id = instance.identity.project_id; // learning the id is not a change
        if (now == instance)
            continue;
        fleet_.change(key, instance);
        now = std::move(instance);
        ++changes.changed;
    }
    for (auto each = watched_.begin(); each != watched_.end();) {
        const auto current = each++;
        if (kept.contains(current->first))
            continue;
        fleet_.remove(current->first);
        watched_.erase(current);
        ++changes.removed;
    }
    const auto keys = fleet_.add(added);
    for (std::size_t i = 0; i < keys.size(); ++i)
        watched_.emplace(keys[i], std::move(added[i]));
    changes.added = keys.size();
    fleet_is_current_ = true;
    return changes;
}

std::vector<monitor::watched_instance> targets::wanted() const {
    std::vector<monitor::watched_instance> all;
    std::set<instance_identity_key> taken; // of duplicates the first one gets the instance
    const auto want = [&](monitor::watched_instance instance) {
        if (taken.insert(identify(instance)).second)
            all.push_back(std::move(instance));
    };
    for (const config::instance_settings& instance : settings_.instances) {
        if (mine_.owns(instance.id))
            want(configured(instance));
    }
    for (const auto& [project, of] : projects_) {
        if (!of.discovery)
            continue;
        for (const auto& [id, cloud_name] : of.discovery->state().discovered()) {
            const auto name = names_.find({project, id});
            if (name && mine_.owns(id))
                want(discovered(of, id, *name));
        }
    }
    return all;
}

monitor::watched_instance targets::configured(const config::instance_settings& instance) const {
    const active_project& of = projects_.at(instance.project);
    monitor::watched_instance watched;
    watched.identity = identity_of(of, instance.id, instance.name);
    watched.identity.labels = instance.labels;
    watched.project = of.key;
    watched.interval = instance.interval;
    watched.request_timeout = instance.timeout;
    watched.page_size = instance.page_size;
    watched.api = of.api;
    watched.lag = instance.lag;
    if (watched.lag)
        watched.lag->interval = watched.lag->interval.value_or(watched.interval);
    return watched;
}

monitor::watched_instance targets::discovered(const active_project& of, const std::string& id,
                                              std::string name) const {
    monitor::watched_instance watched;
    watched.identity = identity_of(of, id, std::move(name));
    watched.identity.labels = of.settings.discover->labels;
    watched.project = of.key;
    watched.interval = settings_.poll.interval;
    watched.request_timeout = settings_.poll.timeout;
    watched.page_size = settings_.poll.page_size;
    watched.api = of.api;
    watched.discovered = true;
    watched.lag = of.settings.discover->lag;
    if (watched.lag)
        complete(*watched.lag, of.discovery->state().address_of(watched.identity.id), watched.interval);
    if (watched.lag && watched.lag->database.host.empty())
        watched.lag.reset(); // until a listing tells where it listens
    return watched;
}

void targets::complete(config::lag_settings& lag, const cloud::sql_address& listed, milliseconds interval) {
    lag.interval = lag.interval.value_or(interval);
    if (!lag.database.host.empty())
        return;
    lag.database.host = listed.host;
    lag.database.port = listed.port;
}

instance_identity targets::identity_of(const active_project& of, std::string id, std::string name) const {
    instance_identity identity;
    identity.project = of.settings.name;
    identity.project_id = of.settings.project_id.value_or(of.api->known_project_id().value_or(""));
    identity.region = of.settings.region;
    identity.name = std::move(name);
    identity.id = std::move(id);
    return identity;
}

std::multimap<targets::instance_identity_key, schedule::instance_key> targets::watched() const {
    std::multimap<instance_identity_key, schedule::instance_key> known;
    for (const auto& [key, instance] : watched_)
        known.emplace(identify(instance), key);
    return known;
}

// Two duplicates may have polled the same instance until the id was learned; then the entry of the same
// project continues.
std::optional<schedule::instance_key>
targets::find_watched(const std::multimap<instance_identity_key, schedule::instance_key>& known,
                      const monitor::watched_instance& instance) const {
    const auto [first, last] = known.equal_range(identify(instance));
    if (first == last)
        return std::nullopt;
    const auto own = std::find_if(first, last, [&](const auto& candidate) {
        return watched_.at(candidate.second).identity.project == instance.identity.project;
    });
    return own == last ? first->second : own->second;
}

// The project's id may be learned at any time; the instance must keep its identity then.
targets::instance_identity_key targets::identify(const monitor::watched_instance& instance) const {
    std::string project = instance.identity.project_id;
    if (project.empty())
        project = instance.api->known_project_id().value_or(instance.identity.project);
    return {std::move(project), instance.identity.id};
}

// The shards share the rate limit of the cloud; each takes 1/n of it (the contract, "What a poll does").
schedule::budget_limits targets::limits_of(const config::project_settings& project) const {
    return {std::max(1, project.limit.requests / mine_.count), project.limit.window};
}

namespace {

std::string content_of(const std::optional<std::string>& file, const config::lookup& places) {
    if (!file)
        return {};
    return places.read_file(config::beside_config(*file, places)).content;
}

// The settings that a connection depends on. Other settings of a project may change without reconnecting.
config::project_settings connection_part(config::project_settings project) {
    project.limit = {};
    project.discover.reset();
    return project;
}

// Whether both entries use the same credential from the same place.
bool has_credential_of(const config::project_settings& before, const config::project_settings& now) {
    return before.auth == now.auth && before.region == now.region && before.project_id == now.project_id &&
           before.iam_endpoint == now.iam_endpoint;
}

} // namespace

targets::project_map targets::reconnect(const config::settings& next, const config::lookup& places,
                                        target_changes& changes) const {
    project_map projects;
    auto next_key = fleet_.next_project();
    for (const config::project_settings& settings : next.projects) {
        active_project fresh;
        fresh.settings = settings;
        fresh.timeout = next.poll.timeout;
        fresh.ca_text = content_of(settings.ca_file, places);
        const auto before = projects_.find(settings.name);
        const bool is_new = before == projects_.end();
        fresh.key = is_new ? next_key++ : before->second.key;
        const bool same = !is_new && before->second.timeout == fresh.timeout &&
                          before->second.ca_text == fresh.ca_text &&
                          connection_part(before->second.settings) == connection_part(settings);
        if (same) {
            fresh.api = before->second.api;
            fresh.api->look_at_secrets();
        } else {
            fresh.api = callbacks_.connect(settings, fresh.key, next.poll, places);
            if (!is_new && has_credential_of(before->second.settings, settings)) {
                fresh.api->take_over_from(*before->second.api);
                fresh.api->look_at_secrets();
            }
            ++changes.reconnected;
        }
        projects.emplace(settings.name, std::move(fresh));
    }
    return projects;
}

// Removes the series of projects that were new in a configuration that is refused.
void targets::undo_added_projects(const config::settings& refused) const {
    for (const config::project_settings& settings : refused.projects) {
        if (!projects_.contains(settings.name))
            callbacks_.project_removed(settings.name);
    }
}

// Frees the names of instances that were discovered in projects that are removed, do not discover any more,
// or have become another project.
void targets::forget_names(const project_map& next) {
    for (const auto& [name, of] : projects_) {
        const auto now = next.find(name);
        if (!of.discovery || (now != next.end() && goes_on(of, now->second)))
            continue;
        for (const auto& [id, cloud_name] : of.discovery->state().discovered())
            release_name(of, id);
    }
}

// Whether both are the same project of the cloud, as far as that is known.
bool targets::goes_on(const active_project& before, const active_project& now) {
    return before.discovery && now.settings.discover && before.settings.project_id == now.settings.project_id;
}

void targets::enter_projects(project_map& next) {
    for (auto& [name, of] : next) {
        const auto before = projects_.find(name);
        const bool is_new = before == projects_.end();
        if (is_new)
            fleet_.add_project(of.key, name, limits_of(of.settings));
        else if (before->second.settings.limit != of.settings.limit)
            fleet_.change_project(of.key, limits_of(of.settings));
        callbacks_.project_added(of.settings);
        enter_discovery(of, is_new ? nullptr : &before->second);
    }
}

// To be called after the instances of the removed projects were removed.
void targets::leave_projects(const project_map& before) {
    for (const auto& [name, of] : before) {
        const auto now = projects_.find(name);
        const bool still_there = now != projects_.end();
        if (of.discovery && (!still_there || now->second.discovery != of.discovery))
            of.discovery->close();
        if (still_there)
            continue;
        fleet_.remove_project(of.key);
        callbacks_.project_removed(name);
    }
}

void targets::enter_discovery(active_project& of, const active_project* before) {
    const std::string name = of.settings.name;
    if (!of.settings.discover)
        return;
    monitor::discovery_loop::terms terms;
    terms.settings = *of.settings.discover;
    terms.api = of.api;
    terms.request_timeout = of.timeout;
    terms.repeat_interval = settings_.alerts.repeat_interval;
    if (before != nullptr && goes_on(*before, of)) {
        of.discovery = before->discovery;
        const auto changes = of.discovery->change(std::move(terms));
        for (const auto& gone : changes.gone)
            release_name(of, gone.id);
        for (const auto& added : changes.added)
            found_by_reload_.push_back({name, added.id});
        return;
    }
    monitor::discovery_loop::callbacks callbacks;
    callbacks.changed = [this, name](const tracking::discovery_changes& changes) { found(name, changes); };
    callbacks.log = callbacks_.log;
    callbacks.listed = [this, name](bool success, const std::vector<unexpected_value>& unexpected) {
        const auto& state = projects_.at(name).discovery->state();
        callbacks_.listed(name, success, state.discovered().size(), unexpected);
    };
    of.discovery = std::make_shared<monitor::discovery_loop>(fleet_.requests(), of.key, name,
                                                             std::move(terms), std::move(callbacks));
    if (const auto* old_name = renamed_from(of))
        of.discovery->restore_state(old_name->discovery->state());
    else if (before == nullptr)
        of.discovery->restore_state(callbacks_.known_from_before(name, of.settings.project_id.value_or("")));
    callbacks_.spawn(of.discovery->run());
}

// A removed entry that was the same project under another name; null if there is none.
const targets::active_project* targets::renamed_from(const active_project& of) const {
    if (!of.settings.project_id || projects_.contains(of.settings.name))
        return nullptr;
    for (const auto& [name, before] : projects_) {
        if (goes_on(before, of))
            return &before;
    }
    return nullptr;
}

} // namespace replmond::service
