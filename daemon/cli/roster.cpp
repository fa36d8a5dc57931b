// Who is watched, and under which name.
#include "daemon/cli/roster.hpp"

#include "daemon/monitor/clocks.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

namespace replmond::cli {

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

    const monitor::traffic::hold until_all_is_done(fleet_.lanes());
    in_step_ = false;
    settings_ = next;
    forget_names(projects);
    enter_projects(projects);
    const project_map before = std::exchange(projects_, std::move(projects));
    keys_.clear();
    for (const auto& [name, of] : projects_)
        keys_.emplace(name, of.key);
    look_for_twins();
    take_configured_names();
    tell_who_was_found();
    const auto reconnected = changes.reconnected;
    changes = reconcile();
    changes.reconnected = reconnected;
    tell_who_was_let_go();
    leave_projects(before);
    return changes;
}

// The configured ones first; discovered ones make way, or are configured now, or are not any more.
void roster::take_configured_names() {
    std::vector<monitor::unique_names::configured> all;
    for (const config::instance_settings& instance : settings_.instances)
        all.push_back({{instance.project, instance.id}, instance.name});
    for (const auto& moved : names_.set_configured(all).moved)
        say_renamed(moved);
    leave_names_to_twins();
    for (const auto& [project, of] : projects_) {
        if (!of.discovery)
            continue;
        for (const auto& [id, cloud_name] : of.discovery->book().discovered()) {
            if (!is_covered(project, id) && !names_.find({project, id}))
                names_.add({project, id}, cloud_name);
        }
    }
}

void roster::found(const std::string& project, const monitor::discovery_changes& changes) {
    if (in_step_ && changes == monitor::discovery_changes())
        return;
    if (!std::exchange(in_step_, false))
        take_configured_names(); // and those that an exception kept from their names
    for (const auto& gone : changes.gone) {
        const auto name = names_.find({project, gone.id});
        names_.remove({project, gone.id});
        if (name && mine_.owns(gone.id) && !is_in_a_twin(project, gone.id))
            say(&monitor::instance_gone, hooks_.say_about, project, gone.id, *name);
    }
    for (const auto& renamed : changes.renamed) {
        if (const auto name = names_.rename({project, renamed.id}, renamed.name))
            say_renamed(*name);
    }
    for (const auto& added : changes.added) {
        if (is_covered(project, added.id))
            continue;
        const bool was_a_twins = take_over(project, added.id);
        const auto name = names_.add({project, added.id}, added.name);
        if (name && !was_a_twins && mine_.owns(added.id))
            say(&monitor::instance_discovered, hooks_.discovered, project, added.id, *name);
    }
    if (twins_.contains(project))
        take_configured_names(); // another entry may take over
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

// Brings the fleet from what it watches to what it should. Whatever is thrown on the way, what is watched is
// known.
roster_changes roster::reconcile() {
    roster_changes changes;
    const monitor::traffic::hold until_all_is_done(fleet_.lanes());
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
            now.identity.project_id = instance.identity.project_id; // to learn it is no change
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
    in_step_ = true;
    return changes;
}

std::vector<monitor::watched_instance> roster::wanted() const {
    std::vector<monitor::watched_instance> all;
    std::set<who> taken; // of twins the first has it
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
        for (const auto& [id, cloud_name] : of.discovery->book().discovered()) {
            const auto name = names_.find({project, id});
            if (name && mine_.owns(id))
                want(discovered(of, id, *name));
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

std::multimap<roster::who, schedule::instance_key> roster::watched() const {
    std::multimap<who, schedule::instance_key> known;
    for (const auto& [key, instance] : watched_)
        known.emplace(identify(instance), key);
    return known;
}

// Twins may have been watched for a while, until an id was learned: then the one of the same entry goes on.
std::optional<schedule::instance_key>
roster::find_watched(const std::multimap<who, schedule::instance_key>& known,
                     const monitor::watched_instance& instance) const {
    const auto [first, last] = known.equal_range(identify(instance));
    if (first == last)
        return std::nullopt;
    const auto own = std::find_if(first, last, [&](const auto& candidate) {
        return watched_.at(candidate.second).identity.project == instance.identity.project;
    });
    return own == last ? first->second : own->second;
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
