// Decides which of several daemons with the same configuration polls an instance (rendezvous hashing).

#include "daemon/core/schedule/shard.hpp"

#include "daemon/core/schedule/stable_hash.hpp"

#include <fmt/format.h>

#include <charconv>
#include <utility>

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

namespace {

shard_outcome no_shard(std::string mistake) {
    return {std::nullopt, std::move(mistake)};
}

// The digits at the end of the first label; may be empty.
std::string_view ordinal_of(std::string_view host_name) {
    const auto label = host_name.substr(0, host_name.find('.'));
    const auto last_other = label.find_last_not_of("0123456789");
    return label.substr(last_other == std::string_view::npos ? 0 : last_other + 1);
}

} // namespace

shard_outcome parse_shard(std::string_view text, std::string_view host_name) {
    const auto slash = text.find('/');
    const auto given = text.substr(0, slash);
    const bool by_host = given == "hostname";
    const auto index = parse_number(by_host ? ordinal_of(host_name) : given);
    const auto count = slash == std::string_view::npos ? std::nullopt : parse_number(text.substr(slash + 1));
    const bool is_count = count && *count >= 1 && *count <= most_shards;
    if (!is_count || (!by_host && (!index || *index >= *count)))
        return no_shard(
            fmt::format("expected i/n or hostname/n with 0 <= i < n <= {}, got \"{}\"", most_shards, text));
    if (!index || *index >= *count)
        return no_shard(
            fmt::format("expected a host name that ends in a number from 0 to {}, because {} takes its "
                        "shard from there, got \"{}\"",
                        *count - 1, text, host_name));
    return {shard{*index, *count}, {}};
}

} // namespace replmond::schedule
