#pragma once

#include "daemon/export/api_objects.hpp"
#include "daemon/model/instance.hpp"

#include <map>
#include <optional>

namespace replmond::exposition {

/// What each instance's tasks add up to, counted when somebody asks for the first time after a poll: a sum
/// over a hundred thousand tasks costs tens of milliseconds, and a page that is open asks every few seconds.
class totals_book {
public:
    /// Counts where the state changed, or tasks went stale, since it was asked for last.
    const task_totals& of(const instance_state& state, const render_context& context);

    /// The state has changed, or is gone.
    void forget(const instance_state& state) { entries_.erase(&state); }

private:
    struct entry {
        task_totals totals;
        milliseconds stale_after{};
        std::optional<timestamp> expires; ///< when the next task goes stale
    };
    std::map<const instance_state*, entry> entries_;
};

} // namespace replmond::exposition
