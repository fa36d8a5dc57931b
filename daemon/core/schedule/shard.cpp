// Decides which of several daemons with the same configuration polls an instance (rendezvous hashing).

#include "daemon/core/schedule/shard.hpp"

#include "daemon/core/schedule/stable_hash.hpp"

#include <charconv>

namespace replmond::schedule {

namespace {

constexpr int most_shards = 1024;
constexpr std::uint64_t golden_ratio = 0x9e3779b97f4a7c15; // spreads small numbers over all bits

std::optional<int> parse_number(std::string_view digits) {
    int value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc() || end != digits.data() + digits.size() || digits.starts_with('-'))
        return std::nullopt;
    return value;
}

} // namespace

// Each shard has a weight for the id, and the shard with the highest weight owns the instance.
bool shard::owns(std::string_view instance_id) const {
    int best = 0;
    std::uint64_t highest = 0;
    for (int i = 0; i < count; ++i) {
        const auto weight = stable_hash(instance_id, golden_ratio * (static_cast<std::uint64_t>(i) + 1));
        if (weight > highest) {
            best = i;
            highest = weight;
        }
    }
    return best == index;
}

std::optional<shard> parse_shard(std::string_view text) {
    const auto slash = text.find('/');
    if (slash == std::string_view::npos)
        return std::nullopt;
    const auto index = parse_number(text.substr(0, slash));
    const auto count = parse_number(text.substr(slash + 1));
    if (!index || !count || *count > most_shards || *index >= *count)
        return std::nullopt;
    return shard{*index, *count};
}

} // namespace replmond::schedule
