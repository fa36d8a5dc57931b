#pragma once

#include "daemon/model/event.hpp"
#include "daemon/model/failure.hpp"
#include "daemon/model/instance.hpp"

#include <cstdint>
#include <optional>

namespace replmond::monitor {

/// Decides when a run of failed polls is worth a line: poll_failed at its start, when the result changes and
/// then at every repeat interval; poll_recovered at its end. Pure; one for each instance.
class poll_health {
public:
    explicit poll_health(milliseconds repeat_interval) : repeat_interval_(repeat_interval) {}

    /// `attempts`: requests that the poll's last page took. `poll_interval`: how often this is asked.
    std::optional<event> failed(const instance_identity& of, const failure& why, int attempts,
                                milliseconds poll_interval, timestamp now);

    std::optional<event> succeeded(const instance_identity& of, timestamp now);

    void set_repeat_interval(milliseconds interval) { repeat_interval_ = interval; }

private:
    milliseconds repeat_interval_;
    std::int64_t failures_ = 0; ///< in a row
    timestamp first_{};
    timestamp last_said_{};
    poll_result said_ = poll_result::success;
};

} // namespace replmond::monitor
