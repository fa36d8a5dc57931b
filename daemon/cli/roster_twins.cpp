// Two entries of the configuration that are one project of the cloud, and who comes and goes by a reload.
#include "daemon/cli/roster.hpp"
#include "daemon/monitor/clocks.hpp"

#include <algorithm>
#include <new>
#include <utility>

namespace replmond::cli {
namespace {

event twins_event(const std::string& project, const std::string& twin, const std::string& id) {
    event e;
    e.name = "same_project";
    e.level = severity::warn;
    e.time = monitor::wall_clock();
    e.message = "two entries under projects are the same project of the cloud: an instance of both is polled "
                "once, by the entry that configures it; keep one of the entries";
    e.project = project;
    return e.with("other_project", twin).with("project_id", id);
}

} // namespace

roster::twin_map roster::find_twins() const {
    std::map<std::string, std::set<std::string>> by_id;
    for (const auto& [name, of] : projects_) {
        const auto id = of.settings.project_id ? of.settings.project_id : of.api->known_project_id();
        if (id)
            by_id[*id].insert(name);
    }
    twin_map twins;
    for (const auto& [id, names] : by_id) {
        for (const std::string& name : names) {
            if (names.size() > 1) {
                twins[name] = names;
                twins[name].erase(name);
            }
        }
    }
    return twins;
}

// Each two are told once, for as long as the process runs; of ids that are configured the configuration's
// check warns.
void roster::look_for_twins() {
    ids_known_ = count_known_ids();
    twins_ = find_twins();
    for (const auto& [name, others] : twins_) {
        for (const std::string& other : others) {
            const entered_project& first = projects_.at(name);
            const bool is_learned = !first.settings.project_id || !projects_.at(other).settings.project_id;
            if (is_learned && name < other && twins_told_.emplace(name, other).second)
                hooks_.say(twins_event(name, other, identity_of(first, "", "").project_id));
        }
    }
}

std::size_t roster::count_known_ids() const {
    std::size_t known = 0;
    for (const auto& [name, of] : projects_)
        known += of.settings.project_id || of.api->known_project_id() ? 1 : 0;
    return known;
}

bool roster::has_learned_of_twins() {
    if (ids_known_ == projects_.size())
        return false;
    const std::size_t known = count_known_ids();
    return std::exchange(ids_known_, known) != known && find_twins() != twins_;
}

void roster::part_twins() {
    try {
        look_for_twins();
        in_step_ = false;
        take_configured_names();
        reconcile();
    } catch (const std::bad_alloc&) {
        ids_known_ = 0; // after the next poll, then
    }
}

// By a twin, which has the better claim to this discovered instance.
bool roster::is_covered(const std::string& project, const std::string& id) const {
    const auto found = twins_.find(project);
    if (found == twins_.end())
        return false;
    for (const std::string& twin : found->second) {
        if (names_.is_configured({twin, id}))
            return true;
        const auto& discovery = projects_.at(twin).discovery;
        if (twin < project && discovery && discovery->book().discovered().contains(id))
            return true;
    }
    return false;
}

// Then it goes on being watched, whoever lets it go.
bool roster::is_in_a_twin(const std::string& project, const std::string& id) const {
    const auto found = twins_.find(project);
    if (found == twins_.end())
        return false;
    return std::any_of(found->second.begin(), found->second.end(), [&](const std::string& twin) {
        const auto& discovery = projects_.at(twin).discovery;
        return names_.is_configured({twin, id}) || (discovery && discovery->book().discovered().contains(id));
    });
}

// True where a twin has watched it until now: it makes way, and its name is free.
bool roster::take_over(const std::string& project, const std::string& id) {
    const auto found = twins_.find(project);
    bool was_a_twins = false;
    if (found == twins_.end())
        return was_a_twins;
    for (const std::string& twin : found->second) {
        was_a_twins = was_a_twins || names_.find({twin, id});
        names_.remove({twin, id});
    }
    return was_a_twins;
}

// Before anybody looks for a name: theirs are free then.
void roster::leave_names_to_twins() {
    for (const auto& [project, twins] : twins_) {
        const auto& discovery = projects_.at(project).discovery;
        if (!discovery)
            continue;
        for (const auto& [id, cloud_name] : discovery->book().discovered()) {
            if (is_covered(project, id))
                names_.remove({project, id});
        }
    }
}

// It is told once all is in place: it may be configured now, or belong to an entry with another name.
void roster::let_go(const entered_project& of, const std::string& id) {
    const monitor::instance_key key{of.settings.name, id};
    if (auto name = names_.find(key); name && mine_.owns(id))
        let_go_.push_back(identity_of(of, id, std::move(*name)));
    names_.remove(key);
}

void roster::tell_who_was_let_go() {
    const auto known = watched();
    for (const instance_identity& of : std::exchange(let_go_, {})) {
        const who gone{of.project_id.empty() ? of.project : of.project_id, of.id};
        if (!known.contains(gone))
            hooks_.say_about(monitor::instance_gone(of, monitor::wall_clock()), of);
    }
}

void roster::tell_who_was_found() {
    for (const monitor::instance_key& key : std::exchange(found_by_reload_, {})) {
        if (auto name = names_.find(key); name && mine_.owns(key.id))
            say(&monitor::instance_discovered, hooks_.discovered, key.project, key.id, std::move(*name));
    }
}

} // namespace replmond::cli
