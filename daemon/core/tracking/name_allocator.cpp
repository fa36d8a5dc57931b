// Gives every instance a unique name that does not change while other instances come and go.

#include "daemon/core/tracking/name_allocator.hpp"

#include <fmt/format.h>

#include <utility>

namespace replmond::tracking {

namespace {

// An id is 32 characters and a suffix of 4, such as in17 (API.md, section 1). The suffix is the same for all
// instances of a kind, so the characters before it are used.
std::string_view before_suffix(std::string_view id) {
    constexpr std::size_t suffix = 4;
    constexpr std::size_t shown = 8;
    if (id.size() < suffix + shown)
        return id;
    return id.substr(id.size() - suffix - shown, shown);
}

} // namespace

name_allocator::displaced name_allocator::set_configured(const std::vector<configured>& all) {
    displaced out;
    configured_.clear();
    taken_.clear();
    for (const configured& one : all) {
        configured_.emplace(one.key, one.name);
        taken_.insert(one.name);
        if (discovered_.erase(one.key) > 0)
            out.now_configured.push_back(one.key);
    }
    // First every discovered instance keeps its name if it can; then the others get new names, which must not
    // take a name that is still in use.
    std::vector<std::pair<const instance_key, entry>*> to_rename;
    for (auto& one : discovered_) {
        if (!taken_.insert(one.second.name).second)
            to_rename.push_back(&one);
    }
    for (auto* one : to_rename)
        out.moved.push_back(name_anew(one->first, one->second));
    return out;
}

std::optional<std::string> name_allocator::add(const instance_key& key, const std::string& cloud_name) {
    if (configured_.contains(key))
        return std::nullopt;
    const auto [place, is_new] = discovered_.try_emplace(key);
    if (is_new) {
        place->second.cloud_name = cloud_name;
        place->second.name = take_name(key, cloud_name);
    }
    return place->second.name;
}

std::optional<name_allocator::renamed> name_allocator::rename(const instance_key& key,
                                                              const std::string& cloud_name) {
    const auto found = discovered_.find(key);
    if (found == discovered_.end() || found->second.cloud_name == cloud_name)
        return std::nullopt;
    found->second.cloud_name = cloud_name;
    taken_.erase(found->second.name);
    renamed change = name_anew(key, found->second);
    if (change.name == change.old_name)
        return std::nullopt;
    return change;
}

void name_allocator::remove(const instance_key& key) {
    const auto found = discovered_.find(key);
    if (found == discovered_.end())
        return;
    taken_.erase(found->second.name);
    discovered_.erase(found);
}

std::optional<std::string> name_allocator::find(const instance_key& key) const {
    const auto found = discovered_.find(key);
    if (found == discovered_.end())
        return std::nullopt;
    return found->second.name;
}

name_allocator::renamed name_allocator::name_anew(const instance_key& key, entry& of) {
    renamed change{key, std::move(of.name), take_name(key, of.cloud_name)};
    of.name = change.name;
    return change;
}

std::string name_allocator::take_name(const instance_key& key, const std::string& cloud_name) {
    const std::string& wanted = cloud_name.empty() ? key.id : cloud_name;
    for (const std::string& candidate :
         {wanted, fmt::format("{}-{}", wanted, before_suffix(key.id)), key.id}) {
        if (taken_.insert(candidate).second)
            return candidate;
    }
    // The id is already the name of another instance, for example where one project is configured under two
    // names.
    for (std::size_t n = 2;; ++n) {
        std::string candidate = fmt::format("{}-{}", key.id, n);
        if (taken_.insert(candidate).second)
            return candidate;
    }
}

} // namespace replmond::tracking
