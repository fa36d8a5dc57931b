#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace replmond::tracking {

/// Identifies an instance for naming: the configured name of its project, and its id.
struct instance_key {
    std::string project;
    std::string id; ///< 36 letters and digits

    auto operator<=>(const instance_key&) const = default;
};

/// The names of all instances of the daemon, unique over all projects (the contract, Words). A configured
/// instance has its configured name. A discovered instance gets the cloud's name; if that is taken,
/// `<name>-<8 characters of the id before its suffix>`; if that is taken too, its id. It keeps its name while
/// other instances come and go. No I/O.
class name_allocator {
public:
    struct configured {
        instance_key key;
        std::string name;
    };
    struct renamed {
        instance_key key;
        std::string old_name;
        std::string name;

        bool operator==(const renamed&) const = default;
    };
    struct displaced {
        std::vector<instance_key> now_configured; ///< were discovered; the configured entry replaces them
        std::vector<renamed> moved; ///< discovered instances renamed because their name is now configured
    };

    /// Sets the configured instances, at the start and after a reload. Their names must be unique (the
    /// validated configuration ensures it). Discovered instances with the same name get another one.
    displaced set_configured(const std::vector<configured>& all);

    /// Gives a discovered instance its name; the same name again if it already has one. Nothing if the
    /// instance is configured: it is polled already.
    std::optional<std::string> add(const instance_key& key, const std::string& cloud_name);

    /// The cloud's name of the instance has changed. Nothing if the instance is not discovered, or keeps its
    /// name.
    std::optional<renamed> rename(const instance_key& key, const std::string& cloud_name);

    /// The discovered instance is gone; its name is free. Ignored if it is not known.
    void remove(const instance_key& key);

    bool is_configured(const instance_key& key) const { return configured_.contains(key); }

    /// The name of a discovered instance; nothing if there is no such one.
    std::optional<std::string> find(const instance_key& key) const;

private:
    struct entry {
        std::string cloud_name;
        std::string name;
    };

    std::string take_name(const instance_key& key, const std::string& cloud_name);
    renamed name_anew(const instance_key& key, entry& of);

    std::map<instance_key, std::string> configured_;
    std::map<instance_key, entry> discovered_;
    std::set<std::string, std::less<>> taken_; ///< the names of all configured and discovered instances
};

} // namespace replmond::tracking
