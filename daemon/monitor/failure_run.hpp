#pragma once

#include "daemon/model/event.hpp"
#include "daemon/model/failing_run.hpp"
#include "daemon/model/failure.hpp"

#include <cstdint>
#include <optional>

namespace replmond::monitor {

/// Failures in a row of something that is tried again and again, and when that is worth a line: at the start,
/// when the result changes, and then at every repeat interval. Pure.
class failure_run {
public:
    struct ended {
        milliseconds after{};      ///< since the first failure
        std::int64_t failures = 0; ///< how many there were
    };

    explicit failure_run(milliseconds repeat_interval) : repeat_interval_(repeat_interval) {}

    /// True when it should be said. `tried_every`: how often this is asked. `even_now`: of the even clock.
    bool failed(poll_result why, milliseconds tried_every, timestamp even_now);

    /// The end of the run, where there was one.
    std::optional<ended> succeeded(timestamp even_now);

    void set_repeat_interval(milliseconds interval) { repeat_interval_ = interval; }

    const failing_run& so_far() const { return run_; }
    void restore(const failing_run& run) { run_ = run; }

private:
    milliseconds repeat_interval_;
    failing_run run_;
};

/// Adds result, http_status, error_code, error_msg and request_id, as far as they are known.
void describe_failure(event& e, const failure& why);

} // namespace replmond::monitor
