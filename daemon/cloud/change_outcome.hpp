#pragma once

#include "daemon/model/failure.hpp"
#include "daemon/model/time.hpp"
#include "daemon/net/http.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace replmond::cloud {

/// How one changing request ended. What was sent and not answered may have had its effect: it is never sent
/// again by itself.
struct change_outcome {
    enum class kind {
        accepted, ///< a 2xx
        refused,  ///< 3xx and 4xx: nothing was done
        not_sent, ///< no connection, no credential: nothing was done
        unknown   ///< no answer, or a 5xx: it may have been done
    };
    kind how = kind::not_sent;
    std::optional<std::string> job_id; ///< of what was accepted, where the answer has one
    failure why;                       ///< of all else

    bool accepted() const { return how == kind::accepted; }

    /// A 409 that means "try again later": another operation runs on the instance. The codes are those that
    /// Terraform repeats (huaweicloud/services/taurusdb/common.go).
    bool busy() const;

    /// The cloud knows no such task. Terraform meets DBS.270022 and, on delete, DBS.05000091.
    bool no_such_task() const;

    /// The status of the task does not allow it: paused already, not running.
    bool wrong_state() const;
};

/// What an answer means; `now`: as for failure_of().
change_outcome outcome_of(const net::http_response& answer, std::optional<timestamp> now = std::nullopt);

/// What no answer means; `sent`: some of the request may have gone out.
change_outcome outcome_without_answer(failure why, bool sent);

} // namespace replmond::cloud
