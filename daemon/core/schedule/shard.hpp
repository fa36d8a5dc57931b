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

/// A shard, or what is wrong with its text.
struct shard_outcome {
    std::optional<shard> found;
    std::string mistake; ///< for messages
};

/// Parses `i/n` with 0 <= i < n <= 1024. `i` may be the word `hostname`: then it is the number at the end of
/// `host_name` up to its first dot, as a StatefulSet of Kubernetes gives its pods (`replmond-2`).
shard_outcome parse_shard(std::string_view text, std::string_view host_name);

} // namespace replmond::schedule
