#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace replmond::schedule {

/// One of several daemons that share the instances of one configuration.
struct shard {
    int index = 0; ///< 0-based
    int count = 1;

    bool operator==(const shard&) const = default;

    /// True for the instances of this shard. Rendezvous hashing on the id: each instance is on exactly one
    /// of the shards, and one more shard takes about 1/count of them and moves no others.
    bool owns(std::string_view instance_id) const;
};

/// Reads `i/n`, 0 <= i < n <= 1024; nothing for anything else.
std::optional<shard> parse_shard(std::string_view text);

} // namespace replmond::schedule
