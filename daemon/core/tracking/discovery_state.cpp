// Keeps track of the instances that a project has according to its complete listings, and of those that the
// configuration's filter admits.

#include "daemon/core/tracking/discovery_state.hpp"

#include <stdexcept>
#include <utility>
#include <variant>

namespace replmond::tracking {

namespace {

std::optional<pattern> compiled(const std::optional<std::string>& expression) {
    if (!expression)
        return std::nullopt;
    auto found = pattern::compile(*expression);
    if (const auto* why = std::get_if<std::string>(&found))
        throw std::invalid_argument(*why);
    return std::get<pattern>(std::move(found));
}

} // namespace

name_filter::name_filter(const config::discovery_settings& settings)
    : include_(compiled(settings.include)), exclude_(compiled(settings.exclude)) {}

bool name_filter::admits(const std::string& name) const {
    if (include_ && !include_->is_found_in(name))
        return false;
    return !exclude_ || !exclude_->is_found_in(name);
}

discovery_state::discovery_state(const config::discovery_settings& settings) : filter_(settings) {}

discovery_changes discovery_state::take(const listing& seen) {
    miss(seen);
    for (const auto& [id, cloud_name] : seen.found) {
        const std::string& name = cloud_name.empty() ? id : cloud_name;
        entry& known = known_[id];
        if (known.name != name) {
            known.name = name;
            known.admitted = filter_.admits(name);
        }
        known.missed = false;
    }
    auto changes = choose();
    for (const auto& [id, address] : seen.addresses) {
        const auto [before, is_new] = addresses_.try_emplace(id, address);
        changes.addresses = changes.addresses || (is_new ? !address.host.empty() : before->second != address);
        before->second = address;
    }
    std::erase_if(addresses_, [&](const auto& known) { return !known_.contains(known.first); });
    return changes;
}

cloud::sql_address discovery_state::address_of(const std::string& id) const {
    const auto found = addresses_.find(id);
    return found == addresses_.end() ? cloud::sql_address() : found->second;
}

void discovery_state::know(const std::map<std::string, std::string>& before) {
    for (const auto& [id, name] : before) {
        entry& known = known_[id];
        known.name = name;
        known.admitted = filter_.admits(name);
    }
    choose();
}

discovery_changes discovery_state::set_filter(const config::discovery_settings& settings) {
    filter_ = name_filter(settings);
    for (auto& [id, known] : known_)
        known.admitted = filter_.admits(known.name);
    return choose();
}

void discovery_state::miss(const listing& seen) {
    if (!seen.proves_absence)
        return;
    for (auto it = known_.begin(); it != known_.end();) {
        if (seen.found.contains(it->first)) {
            ++it;
        } else if (it->second.missed) {
            it = known_.erase(it);
        } else {
            it->second.missed = true;
            ++it;
        }
    }
}

// Compares the instances that are to be polled now with those of the last call.
discovery_changes discovery_state::choose() {
    std::map<std::string, std::string> wanted;
    for (const auto& [id, known] : known_) {
        if (known.admitted)
            wanted.emplace(id, known.name);
    }
    discovery_changes changes;
    for (const auto& [id, name] : wanted) {
        const auto before = chosen_.find(id);
        if (before == chosen_.end())
            changes.added.push_back({id, name});
        else if (before->second != name)
            changes.renamed.push_back({id, name});
    }
    for (const auto& [id, name] : chosen_) {
        if (!wanted.contains(id))
            changes.gone.push_back({id, name});
    }
    chosen_ = std::move(wanted);
    return changes;
}

} // namespace replmond::tracking
