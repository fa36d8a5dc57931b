#pragma once

#include "daemon/core/config/settings.hpp"
#include "daemon/core/model/pattern.hpp"
#include "daemon/core/tracking/listing.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace replmond::tracking {

/// A discovered instance, with the cloud's name for it (its id where that is empty), not the one that it is
/// exported under: see name_allocator.
struct discovered_instance {
    std::string id;
    std::string name;

    bool operator==(const discovered_instance&) const = default;
};

/// What a listing, or new settings, changed; each in the order of the ids.
struct discovery_changes {
    std::vector<discovered_instance> added;
    std::vector<discovered_instance> renamed; ///< with the new name
    std::vector<discovered_instance> gone;

    bool operator==(const discovery_changes&) const = default;
};

/// Finds what the settings ask for in an instance's name: regular expressions, searched.
class name_filter {
public:
    /// Throws std::invalid_argument for what is no pattern: the configuration has been validated.
    explicit name_filter(const config::discovery_settings& settings);

    bool admits(const std::string& name) const;

private:
    std::optional<pattern> include_;
    std::optional<pattern> exclude_;
};

/// What one project has, as its complete listings tell: who is there, under which name, and who was missed.
/// Pure. An instance is gone after two listings in a row without it that prove absence, and at once where it
/// is there under a name that the settings do not admit any more.
class discovery_state {
public:
    explicit discovery_state(const config::discovery_settings& settings);

    discovery_changes take(const listing& seen);

    /// Before the first listing: those that were there before the process's start, by id, with their names.
    /// They are there until listings prove the contrary.
    void know(const std::map<std::string, std::string>& before);

    /// New settings, after a reload: what they admit and what not, of all that is known.
    discovery_changes set_filter(const config::discovery_settings& settings);

    /// Those that are there and admitted: name by id.
    const std::map<std::string, std::string>& discovered() const { return chosen_; }

private:
    struct entry {
        std::string name;
        bool admitted = false; ///< remembered: matching costs more than all else
        bool missed = false;   ///< by the last listing that proves absence
    };

    void miss(const listing& seen);
    discovery_changes choose();

    name_filter filter_;
    std::map<std::string, entry> known_; ///< by id, admitted or not
    std::map<std::string, std::string> chosen_;
};

} // namespace replmond::tracking
