#pragma once

#include "daemon/core/model/task.hpp"

#include <optional>
#include <string_view>

namespace replmond {

/// How much a task needs a look, the most severe first: the order in which tasks are listed by the status
/// page, `sort=severity` of the API and `replmond task list`. The first one that holds counts.
enum class task_severity {
    abnormal,     ///< status `No`
    needs_repair, ///< the cloud says that its tables need repair
    lag_exceeded, ///< its lag is above `lag.alert_above`, or default_lag_limit
    no_progress,  ///< it does not move for too long
    stale,        ///< what is known of it is too old
    not_known,    ///< its status or stage is not known
    cancelled,
    paused,
    copying,    ///< waiting, or in full copy
    incremental ///< as it should be
};

/// What is known of a task besides its reading.
struct task_circumstances {
    bool lag_exceeded = false;
    bool stale = false;
    bool no_progress = false;
};

task_severity severity_of(const task_reading& of, const task_circumstances& besides);

/// Parses a word for a status, case-insensitively: `normal`, `yes`, `abnormal`, `no`, `unknown`. Both ways of
/// saying it work wherever users name a status.
enum class status_word { normal, abnormal, unknown };
std::optional<status_word> parse_status_word(std::string_view word);

/// True if the task has that status. A status that is not known is `unknown`.
bool has_status(const task_reading& of, status_word word);

} // namespace replmond
