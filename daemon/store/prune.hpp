#pragma once

#include "daemon/core/model/time.hpp"
#include "daemon/store/sqlite.hpp"

#include <chrono>
#include <optional>

namespace replmond::store {

/// database::prune() says what it does.
outcome<bool> prune(connection& file, timestamp now, milliseconds retention);

/// Both clocks: one is stored, the other one only goes forward.
struct moment {
    timestamp wall{};
    std::chrono::steady_clock::time_point up{};
};

/// Tells how old things are for pruning. The wall clock alone must not: one that is set wrong for a minute
/// would remove months. This one goes on from where it was, as fast as real time, and never stands after the
/// wall clock. Only after the wall clock has gone evenly for a day is it believed: then the time counts too
/// in which the daemon did not run. Pure.
class prune_clock {
public:
    static constexpr auto believed_after = std::chrono::hours(24);
    static constexpr auto tolerance = std::chrono::minutes(1); ///< a clock that is slewed goes evenly

    /// `reached`: where it stood when it was last noted; nothing: where the wall clock stands.
    explicit prune_clock(std::optional<timestamp> reached) : reached_(reached) {}

    /// `now.up` never goes back.
    timestamp at(moment now);

private:
    std::optional<timestamp> reached_;
    std::optional<moment> last_;
    moment even_since_; ///< the wall clock has gone evenly from there
};

} // namespace replmond::store
