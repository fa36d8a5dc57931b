#include "daemon/cli/roster.hpp"

#include "daemon/monitor/clocks.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace replmond::cli {
namespace {

std::string content_of(const std::optional<std::string>& file, const config::lookup& places) {
    if (!file)
        return {};
    return places.read_file(config::beside_config(*file, places)).content;
}

// What a connection is made of; the rest of a project can change under it.
config::project_settings connection_part(config::project_settings project) {
    project.limit = {};
    project.discover.reset();
    return project;
}

// The same credential, from the same place.
bool has_credential_of(const config::project_settings& before, const config::project_settings& now) {
    return before.auth == now.auth && before.region == now.region && before.project_id == now.project_id &&
           before.iam_endpoint == now.iam_endpoint;
}

} // namespace

roster::roster(monitor::fleet& fleet, schedule::shard mine, roster_hooks hooks)
    : fleet_(fleet), mine_(mine), hooks_(std::move(hooks)) {}

// First everything that can fail.
roster_changes roster::apply(const config::settings& next, const config::lookup& places) {
    roster_changes changes;
    project_map projects;
    try {
        projects = reconnect(next, places, changes);
    } catch (const std::exception&) {
        take_back(next);
        throw;
    }

    settings_ = next;
    forget_names(projects);
    enter_projects(projects);
    const project_map before = std::exchange(projects_, std::move(projects));
    keys_.clear();
    for (const auto& [name, of] : projects_)
        keys_.emplace(name, of.key);
    take_configured_names();
    const auto reconnected = changes.reconnected;
    changes = reconcile();
    changes.reconnected = reconnected;
    leave_projects(before);
    return changes;
}

roster::project_map roster::reconnect(const config::settings& next, const config::lookup& places,
                                      roster_changes& changes) const {
    project_map projects;
    auto next_key = fleet_.next_project();
    for (const config::project_settings& settings : next.projects) {
        entered_project fresh;
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
            fresh.api = hooks_.connect(settings, fresh.key, next.poll, places);
            if (!is_new && has_credential_of(before->second.settings, settings)) {
                fresh.api->go_on_from(*before->second.api);
                fresh.api->look_at_secrets();
            }
            ++changes.reconnected;
        }
        projects.emplace(settings.name, std::move(fresh));
    }
    return projects;
}

// Nothing may remain of projects that were new in a configuration that is refused.
void roster::take_back(const config::settings& refused) const {
    for (const config::project_settings& settings : refused.projects) {
        if (!projects_.contains(settings.name))
            hooks_.project_removed(settings.name);
    }
}

// Of what was discovered in projects that leave, or do not discover any more, or are another one now.
void roster::forget_names(const project_map& next) {
    for (const auto& [name, of] : projects_) {
        const auto now = next.find(name);
        if (!of.discovery || (now != next.end() && goes_on(of, now->second)))
            continue;
        for (const auto& [id, cloud_name] : of.discovery->book().discovered())
            names_.remove({name, id});
    }
}

// The same project of the cloud, as far as that is known.
bool roster::goes_on(const entered_project& before, const entered_project& now) {
    return before.discovery && now.settings.discover && before.settings.project_id == now.settings.project_id;
}

void roster::enter_projects(project_map& next) {
    for (auto& [name, of] : next) {
        const auto before = projects_.find(name);
        const bool is_new = before == projects_.end();
        if (is_new)
            fleet_.add_project(of.key, name, limits_of(of.settings));
        else if (before->second.settings.limit != of.settings.limit)
            fleet_.change_project(of.key, limits_of(of.settings));
        hooks_.project_added(of.settings);
        enter_discovery(of, is_new ? nullptr : &before->second);
    }
}

// After its instances.
void roster::leave_projects(const project_map& before) {
    for (const auto& [name, of] : before) {
        const auto now = projects_.find(name);
        const bool still_there = now != projects_.end();
        if (of.discovery && (!still_there || now->second.discovery != of.discovery))
            of.discovery->close();
        if (still_there)
            continue;
        fleet_.remove_project(of.key);
        hooks_.project_removed(name);
    }
}

void roster::enter_discovery(entered_project& of, const entered_project* before) {
    const std::string name = of.settings.name;
    if (!of.settings.discover)
        return;
    monitor::discovery_watch::terms terms;
    terms.settings = *of.settings.discover;
    terms.api = of.api;
    terms.request_timeout = of.timeout;
    terms.repeat_interval = settings_.alerts.repeat_interval;
    if (before != nullptr && goes_on(*before, of)) {
        of.discovery = before->discovery;
        const auto changes = of.discovery->change(std::move(terms));
        for (const auto& gone : changes.gone)
            names_.remove({name, gone.id});
        for (const auto& added : changes.added)
            names_.add({name, added.id}, added.name);
        return;
    }
    monitor::discovery_watch::hooks hooks;
    hooks.changed = [this, name](const monitor::discovery_changes& changes) { found(name, changes); };
    hooks.say = hooks_.say;
    hooks.listed = [this, name](bool success, const std::vector<unexpected_value>& unexpected) {
        const auto& book = projects_.at(name).discovery->book();
        hooks_.listed(name, success, book.discovered().size(), unexpected);
    };
    of.discovery = std::make_shared<monitor::discovery_watch>(fleet_.lanes(), of.key, name, std::move(terms),
                                                              std::move(hooks));
    if (const auto* old_name = renamed_from(of))
        of.discovery->know(old_name->discovery->book());
    else if (before == nullptr)
        of.discovery->know(hooks_.known_from_before(name, of.settings.project_id.value_or("")));
    hooks_.spawn(of.discovery->run());
}

// The project that was this one under another name; null where there is none.
const roster::entered_project* roster::renamed_from(const entered_project& of) const {
    if (!of.settings.project_id || projects_.contains(of.settings.name))
        return nullptr;
    for (const auto& [name, before] : projects_) {
        if (goes_on(before, of))
            return &before;
    }
    return nullptr;
}

// The configured ones first; discovered ones make way, or are configured now, or are not any more.
void roster::take_configured_names() {
    std::vector<monitor::unique_names::configured> all;
    for (const config::instance_settings& instance : settings_.instances)
        all.push_back({{instance.project, instance.id}, instance.name});
    for (const auto& moved : names_.set_configured(all).moved)
        say_renamed(moved);
    for (const auto& [project, of] : projects_) {
        if (!of.discovery)
            continue;
        for (const auto& [id, cloud_name] : of.discovery->book().discovered()) {
            if (!names_.find({project, id}))
                names_.add({project, id}, cloud_name);
        }
    }
}

void roster::found(const std::string& project, const monitor::discovery_changes& changes) {
    for (const auto& gone : changes.gone) {
        const auto name = names_.find({project, gone.id});
        names_.remove({project, gone.id});
        if (name && mine_.owns(gone.id))
            say(&monitor::instance_gone, hooks_.say_about, project, gone.id, *name);
    }
    for (const auto& renamed : changes.renamed) {
        if (const auto name = names_.rename({project, renamed.id}, renamed.name))
            say_renamed(*name);
    }
    for (const auto& added : changes.added) {
        const auto name = names_.add({project, added.id}, added.name);
        if (name && mine_.owns(added.id))
            say(&monitor::instance_discovered, hooks_.discovered, project, added.id, *name);
    }
    reconcile();
}

void roster::say(event (*what)(const instance_identity&, timestamp), const teller& tell,
                 const std::string& project, const std::string& id, std::string name) {
    const auto identity = identity_of(projects_.at(project), id, std::move(name));
    tell(what(identity, monitor::wall_clock()), identity);
}

void roster::say_renamed(const monitor::unique_names::renamed& name) {
    if (!mine_.owns(name.key.id))
        return;
    const auto identity = identity_of(projects_.at(name.key.project), name.key.id, name.name);
    hooks_.say_about(monitor::instance_renamed(identity, name.old_name, monitor::wall_clock()), identity);
}

// Brings the fleet from what it watches to what it should.
roster_changes roster::reconcile() {
    roster_changes changes;
    const auto known = watched();
    std::map<schedule::instance_key, monitor::watched_instance> kept;
    std::vector<monitor::watched_instance> added;
    for (monitor::watched_instance& instance : wanted()) {
        const auto before = known.find(identify(instance));
        if (before == known.end()) {
            added.push_back(std::move(instance));
            continue;
        }
        const auto key = before->second;
        if (watched_.at(key) != instance) {
            fleet_.change(key, instance);
            ++changes.changed;
        }
        kept.emplace(key, std::move(instance));
    }
    for (const auto& [key, instance] : watched_) {
        if (kept.contains(key))
            continue;
        fleet_.remove(key);
        ++changes.removed;
    }
    const auto keys = fleet_.add(added);
    for (std::size_t i = 0; i < keys.size(); ++i)
        kept.emplace(keys[i], std::move(added[i]));
    changes.added = keys.size();
    watched_ = std::move(kept);
    return changes;
}

std::vector<monitor::watched_instance> roster::wanted() const {
    std::vector<monitor::watched_instance> all;
    for (const config::instance_settings& instance : settings_.instances) {
        if (mine_.owns(instance.id))
            all.push_back(configured(instance));
    }
    for (const auto& [project, of] : projects_) {
        if (!of.discovery)
            continue;
        for (const auto& [id, cloud_name] : of.discovery->book().discovered()) {
            const auto name = names_.find({project, id});
            if (name && mine_.owns(id))
                all.push_back(discovered(of, id, *name));
        }
    }
    return all;
}

monitor::watched_instance roster::configured(const config::instance_settings& instance) const {
    const entered_project& of = projects_.at(instance.project);
    monitor::watched_instance watched;
    watched.identity = identity_of(of, instance.id, instance.name);
    watched.identity.labels = instance.labels;
    watched.project = of.key;
    watched.interval = instance.interval;
    watched.request_timeout = instance.timeout;
    watched.page_size = instance.page_size;
    watched.api = of.api;
    return watched;
}

monitor::watched_instance roster::discovered(const entered_project& of, const std::string& id,
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
    return watched;
}

instance_identity roster::identity_of(const entered_project& of, std::string id, std::string name) const {
    instance_identity identity;
    identity.project = of.settings.name;
    identity.project_id = of.settings.project_id.value_or(of.api->known_project_id().value_or(""));
    identity.region = of.settings.region;
    identity.name = std::move(name);
    identity.id = std::move(id);
    return identity;
}

std::map<roster::who, schedule::instance_key> roster::watched() const {
    std::map<who, schedule::instance_key> known;
    for (const auto& [key, instance] : watched_)
        known.emplace(identify(instance), key);
    return known;
}

// The project's id may be learned at any time, and an instance stays who it was.
roster::who roster::identify(const monitor::watched_instance& instance) const {
    std::string project = instance.identity.project_id;
    if (project.empty())
        project = instance.api->known_project_id().value_or(instance.identity.project);
    return {std::move(project), instance.identity.id};
}

// Each shard takes its part of what the cloud allows them together.
schedule::budget_limits roster::limits_of(const config::project_settings& project) const {
    return {std::max(1, project.limit.requests / mine_.count), project.limit.window};
}

} // namespace replmond::cli
