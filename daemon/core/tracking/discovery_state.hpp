#pragma once

#include "daemon/core/config/settings.hpp"
#include "daemon/core/model/pattern.hpp"
#include "daemon/core/tracking/listing.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace replmond::tracking {

/// A discovered instance. `name` is the cloud's name for it, or its id if the cloud's name is empty. The name
/// that it is exported under may differ: see name_allocator.
struct discovered_instance {
    std::string id;
    std::string name;

    bool operator==(const discovered_instance&) const = default;
};

/// What a listing or new settings changed. Each vector is in the order of the ids.
struct discovery_changes {
    std::vector<discovered_instance> added;
    std::vector<discovered_instance> renamed; ///< with the new name
    std::vector<discovered_instance> gone;
    bool addresses = false; ///< an instance listens elsewhere now

    bool operator==(const discovery_changes&) const = default;
};

/// The filter `include` and `exclude` of discovery: RE2 expressions that are searched anywhere in the
/// instance's name (the contract, Configuration).
class name_filter {
public:
    /// Throws std::invalid_argument if an expression is not valid; the validated configuration has no such
    /// one.
    explicit name_filter(const config::discovery_settings& settings);

    /// True if `include` is found in the name, or absent, and `exclude` is not found.
    bool admits(const std::string& name) const;

private:
    std::optional<pattern> include_;
    std::optional<pattern> exclude_;
};

/// The instances of one project, as its complete listings report them. An instance is gone after two complete
/// listings in a row without it (the contract, What a poll does), or at once if its new name or new settings
/// exclude it. No I/O.
class discovery_state {
public:
    explicit discovery_state(const config::discovery_settings& settings);

    /// Takes in a complete listing.
    discovery_changes take(const listing& seen);

    /// To be called before the first listing: the instances that were known before the process started, name
    /// by id. They count as present until listings show that they are gone.
    void know(const std::map<std::string, std::string>& before);

    /// Applies new settings, after a reload, to all instances that are known.
    discovery_changes set_filter(const config::discovery_settings& settings);

    /// The instances that are present and admitted by the filter: name by id.
    const std::map<std::string, std::string>& discovered() const { return chosen_; }

    /// Where an instance listens for SQL, as the last listing that had it reports; no host if it is not
    /// known.
    cloud::sql_address address_of(const std::string& id) const;

private:
    struct entry {
        std::string name;
        bool admitted = false; ///< the filter's result for the name, stored because matching is expensive
        bool missed = false;   ///< absent from the last listing that proves absence
    };

    void miss(const listing& seen);
    discovery_changes choose();

    name_filter filter_;
    std::map<std::string, entry> known_; ///< by id, admitted or not
    std::map<std::string, std::string> chosen_;
    std::map<std::string, cloud::sql_address> addresses_; ///< by id
};

} // namespace replmond::tracking
