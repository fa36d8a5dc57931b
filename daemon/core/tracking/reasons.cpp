// Decides when the configuration API is asked for the error text of a task, and takes in the answer.

#include "daemon/core/tracking/reasons.hpp"

#include "daemon/core/tracking/failure_reporter.hpp"
#include "daemon/core/tracking/task_events.hpp"

#include <utility>

namespace replmond::tracking {

namespace {

constexpr int polls_to_ask_at = 3; // in a round (the contract, What a poll does)

} // namespace

std::vector<std::string> reasons_wanted(instance_state& state, milliseconds repeat_interval,
                                        timestamp even_now) {
    std::vector<std::string> wanted;
    for (auto& [name, task] : state.tasks) {
        if (!task.abnormal_since && !task.repair_needed) {
            task.reason = {};
            continue;
        }
        if (task.unseen_since)
            continue;
        const bool first = !task.reason.round;
        if (first || repeat_is_due(*task.reason.round, even_now, repeat_interval, state.interval)) {
            task.reason.round = even_now;
            task.reason.asked = 0;
            task.reason.answered = false;
        }
        if (!task.reason.answered && task.reason.asked < polls_to_ask_at)
            wanted.push_back(name);
    }
    return wanted;
}

void reason_asked(task_state& task) {
    ++task.reason.asked;
}

std::optional<event> reason_arrived(const instance_identity& of, task_state& task,
                                    std::optional<std::string> text, timestamp now) {
    task.reason.answered = true;
    if (!text || text == task.reason.text)
        return std::nullopt;
    task.reason.text = std::move(text);
    return replication_reason(of, task, now);
}

std::optional<event> reason_reporter::failed(const instance_identity& of, std::string_view task,
                                             const failure& why, milliseconds interval, instant now) {
    // `auth` without an answer: the request was not sent, because the credential is held.
    const bool was_held = why.result == poll_result::auth && why.http_status == 0;
    if (was_held)
        return std::nullopt;
    failing_.insert(of.id);
    if (!run_.failed(why.result, interval, now.even))
        return std::nullopt;
    event e = make_event("reason_failed", severity::warn, now.wall,
                         "the error text of the task cannot be read; polls go on", project_);
    e.starrocks_instance = of.name;
    e.task = task;
    describe_failure(e, why);
    return e;
}

std::optional<event> reason_reporter::succeeded(const instance_identity& of, instant now) {
    failing_.erase(of.id);
    if (!failing_.empty())
        return std::nullopt;
    const auto ended = run_.succeeded(now.even);
    if (!ended)
        return std::nullopt;
    event e = make_event("reason_recovered", severity::info, now.wall,
                         "the error texts of tasks can be read again", project_);
    return e.with("after", decimal{to_seconds(ended->after)}).with("failures", ended->failures);
}

} // namespace replmond::tracking
