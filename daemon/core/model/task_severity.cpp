// Which task needs a look more than another, and the words by which users name a status.

#include "daemon/core/model/task_severity.hpp"

#include "daemon/core/model/text.hpp"

#include <string>

namespace replmond {

task_severity severity_of(const task_reading& of, const task_circumstances& besides) {
    if (of.status == status::no)
        return task_severity::abnormal;
    if (of.needs_repair == true)
        return task_severity::needs_repair;
    if (besides.lag_exceeded)
        return task_severity::lag_exceeded;
    if (besides.no_progress)
        return task_severity::no_progress;
    if (besides.stale)
        return task_severity::stale;
    if (!of.status || of.stage == stage::unknown)
        return task_severity::not_known;
    switch (of.stage) {
    case stage::cancelled:
        return task_severity::cancelled;
    case stage::paused:
        return task_severity::paused;
    case stage::incremental:
        return task_severity::incremental;
    default:
        return task_severity::copying;
    }
}

std::optional<status_word> parse_status_word(std::string_view word) {
    const std::string lower = to_lower_ascii(word);
    if (lower == "normal" || lower == "yes")
        return status_word::normal;
    if (lower == "abnormal" || lower == "no")
        return status_word::abnormal;
    if (lower == "unknown")
        return status_word::unknown;
    return std::nullopt;
}

bool has_status(const task_reading& of, status_word word) {
    switch (word) {
    case status_word::normal:
        return of.status == status::yes;
    case status_word::abnormal:
        return of.status == status::no;
    case status_word::unknown:
        break;
    }
    return !of.status;
}

} // namespace replmond
