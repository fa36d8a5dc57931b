#pragma once

#include "daemon/core/model/time.hpp"
#include "daemon/store/sqlite.hpp"

#include <chrono>
#include <optional>

namespace replmond::store {

/// Implements database::prune().
outcome<bool> prune(connection& file, timestamp now, milliseconds retention);

/// One point in time on both clocks: the wall clock, which is stored, and the monotonic one.
struct moment {
    timestamp wall{};
    std::chrono::steady_clock::time_point up{};
};

/// The clock that pruning uses. The wall clock alone would be dangerous: set wrong for a minute, it would let
/// months of events be removed. This clock goes on from its last noted value at the speed of real time, and
/// is never ahead of the wall clock. It jumps to the wall clock only after that has run evenly for a day; so
/// the time in which the daemon did not run counts too. Pure.
class prune_clock {
public:
    static constexpr auto believed_after = std::chrono::hours(24);
    /// A wall clock that NTP slews still counts as even.
    static constexpr auto tolerance = std::chrono::minutes(1);

    /// `reached`: the last noted value; nothing: starts at the wall clock.
    explicit prune_clock(std::optional<timestamp> reached) : reached_(reached) {}

    /// The time to prune by. `now.up` must never go back.
    timestamp at(moment now);

private:
    std::optional<timestamp> reached_;
    std::optional<moment> last_;
    moment even_since_; ///< since then the wall clock has run evenly
};

} // namespace replmond::store
