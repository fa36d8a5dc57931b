// Configuration entries that are the same project of the cloud, and the events for instances that a reload
// adds or removes.

#include "daemon/net/clocks.hpp"
#include "daemon/service/targets.hpp"

#include <algorithm>
#include <new>
#include <utility>

namespace replmond::service {

namespace {

event duplicates_event(const std::string& project, const std::string& duplicate, const std::string& id) {
    event e = make_event("same_project", severity::warn, net::wall_clock(),
                         "two entries under projects are the same project of the cloud; replmond polls an "
                         "instance of both once, by the entry that configures it; remove one of the entries",
                         project);
    return e.with("other_project", duplicate).with("project_id", id);
}

} // namespace

targets::duplicate_map targets::find_duplicates() const {
    std::map<std::string, std::set<std::string>> by_id;
    for (const auto& [name, of] : projects_) {
        const auto id = of.settings.project_id ? of.settings.project_id : of.api->known_project_id();
        if (id)
            by_id[*id].insert(name);
    }
    duplicate_map duplicates;
    for (const auto& [id, names] : by_id) {
        for (const std::string& name : names) {
            if (names.size() > 1) {
                duplicates[name] = names;
                duplicates[name].erase(name);
            }
        }
    }
    return duplicates;
}

// Each pair is logged once for as long as the process runs. For configured ids the configuration's check
// warns.
void targets::look_for_duplicates() {
    ids_known_ = count_known_ids();
    duplicates_ = find_duplicates();
    for (const auto& [name, others] : duplicates_) {
        for (const std::string& other : others) {
            const active_project& first = projects_.at(name);
            const bool is_learned = !first.settings.project_id || !projects_.at(other).settings.project_id;
            if (is_learned && name < other && duplicates_logged_.emplace(name, other).second)
                callbacks_.log(duplicates_event(name, other, identity_of(first, "", "").project_id));
        }
    }
}

std::size_t targets::count_known_ids() const {
    std::size_t known = 0;
    for (const auto& [name, of] : projects_)
        known += of.settings.project_id || of.api->known_project_id() ? 1 : 0;
    return known;
}

bool targets::has_learned_of_duplicates() {
    if (ids_known_ == projects_.size())
        return false;
    const std::size_t known = count_known_ids();
    return std::exchange(ids_known_, known) != known && find_duplicates() != duplicates_;
}

void targets::settle_duplicates() {
    try {
        look_for_duplicates();
        fleet_is_current_ = false;
        take_configured_names();
        reconcile();
    } catch (const std::bad_alloc&) {
        ids_known_ = 0; // look again after the next poll
    }
}

// Whether a duplicate has precedence for this discovered instance.
bool targets::is_covered(const std::string& project, const std::string& id) const {
    const auto found = duplicates_.find(project);
    if (found == duplicates_.end())
        return false;
    for (const std::string& duplicate : found->second) {
        if (names_.is_configured({duplicate, id}))
            return true;
        const auto& discovery = projects_.at(duplicate).discovery;
        if (duplicate < project && discovery && discovery->state().discovered().contains(id))
            return true;
    }
    return false;
}

// Whether a duplicate has this instance too; then it stays polled when this project loses it.
bool targets::is_in_a_duplicate(const std::string& project, const std::string& id) const {
    const auto found = duplicates_.find(project);
    if (found == duplicates_.end())
        return false;
    return std::any_of(found->second.begin(), found->second.end(), [&](const std::string& duplicate) {
        const auto& discovery = projects_.at(duplicate).discovery;
        return names_.is_configured({duplicate, id}) ||
               (discovery && discovery->state().discovered().contains(id));
    });
}

// Takes the instance's name from duplicates. True if one of them has polled the instance until now.
bool targets::take_name_from_duplicates(const std::string& project, const std::string& id) {
    const auto found = duplicates_.find(project);
    bool was_polled_by_duplicate = false;
    if (found == duplicates_.end())
        return was_polled_by_duplicate;
    for (const std::string& duplicate : found->second) {
        was_polled_by_duplicate = was_polled_by_duplicate || names_.find({duplicate, id});
        names_.remove({duplicate, id});
    }
    return was_polled_by_duplicate;
}

// To be called before names are given, so that the names of these instances are free.
void targets::free_names_of_covered_instances() {
    for (const auto& [project, duplicates] : duplicates_) {
        const auto& discovery = projects_.at(project).discovery;
        if (!discovery)
            continue;
        for (const auto& [id, cloud_name] : discovery->state().discovered()) {
            if (is_covered(project, id))
                names_.remove({project, id});
        }
    }
}

// The event is logged later, when everything is in place: the instance may be configured now, or belong to an
// entry with another name.
void targets::release_name(const active_project& of, const std::string& id) {
    const tracking::instance_key key{of.settings.name, id};
    if (auto name = names_.find(key); name && mine_.owns(id))
        let_go_.push_back(identity_of(of, id, std::move(*name)));
    names_.remove(key);
}

void targets::log_gone_instances() {
    const auto known = watched();
    for (const instance_identity& of : std::exchange(let_go_, {})) {
        const instance_identity_key gone{of.project_id.empty() ? of.project : of.project_id, of.id};
        if (!known.contains(gone))
            callbacks_.log_about(tracking::instance_gone(of, net::wall_clock()), of);
    }
}

void targets::log_discovered_instances() {
    for (const tracking::instance_key& key : std::exchange(found_by_reload_, {})) {
        if (auto name = names_.find(key); name && mine_.owns(key.id))
            log(&tracking::instance_discovered, callbacks_.discovered, key.project, key.id, std::move(*name));
    }
}

} // namespace replmond::service
