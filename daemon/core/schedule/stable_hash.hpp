#pragma once

#include <cstdint>
#include <string_view>

namespace replmond::schedule {

/// FNV-1a (64 bits) with a part of MurmurHash3's final mix. Unlike std::hash the result is the same on every
/// machine and in every release; ticks and shards rely on that.
constexpr std::uint64_t stable_hash(std::string_view text, std::uint64_t seed = 0) {
    std::uint64_t hash = 0xcbf29ce484222325 ^ seed;
    for (const char c : text) {
        hash ^= static_cast<std::uint8_t>(c);
        hash *= 0x100000001b3;
    }
    hash ^= hash >> 33;
    hash *= 0xff51afd7ed558ccd;
    hash ^= hash >> 33;
    return hash;
}

} // namespace replmond::schedule
