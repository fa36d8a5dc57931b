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

    /// True for the instances of this shard. Rendezvous hashing on the id: each instance belongs to exactly
    /// one shard, and an additional shard takes about 1/count of the instances without moving any others.
    bool owns(std::string_view instance_id) const;
};

/// Parses `i/n` with 0 <= i < n <= 1024; gives nothing for any other text.
std::optional<shard> parse_shard(std::string_view text);

} // namespace replmond::schedule
