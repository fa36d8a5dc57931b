#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace replmond::tracking {

/// Who an instance is, to those who name it: the configured name of its project, and its id.
struct instance_key {
    std::string project;
    std::string id; ///< 36 letters and digits

    auto operator<=>(const instance_key&) const = default;
};

/// The names of all instances of the daemon: each has one, no two the same. Configured names are as
/// configured. A discovered instance gets the cloud's name, or `<name>-<8 characters of the id before its
/// suffix>` where that is taken, or else its id; it keeps what it has while others come and go. Pure.
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
        std::vector<instance_key> now_configured; ///< discovered until now: the configured entry wins
        std::vector<renamed> moved;               ///< discovered instances whose name is configured now
    };

    /// At the start and after a reload: the configured names, unique as the configuration proves. Discovered
    /// instances make way.
    displaced set_configured(const std::vector<configured>& all);

    /// Names a discovered instance. Nothing where it is configured, and so polled already.
    std::optional<std::string> add(const instance_key& key, const std::string& cloud_name);

    /// The cloud has another name for it. Nothing where it is not one of ours, or keeps its name.
    std::optional<renamed> rename(const instance_key& key, const std::string& cloud_name);

    void remove(const instance_key& key);

    bool is_configured(const instance_key& key) const { return configured_.contains(key); }

    /// The name of a discovered instance.
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
    std::set<std::string, std::less<>> taken_; ///< the names of both
};

} // namespace replmond::tracking
