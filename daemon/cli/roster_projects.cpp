// How the projects of one configuration become those of the next.
#include "daemon/cli/roster.hpp"

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
            let_go(of, id);
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
            let_go(of, gone.id);
        for (const auto& added : changes.added)
            found_by_reload_.push_back({name, added.id});
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
} // namespace replmond::cli
