#pragma once

#include "daemon/store/record.hpp"

namespace replmond::store {

/// Names each column of a task beside what it holds: one list, so that writing, reading and comparing cannot
/// differ. `State` is task_state, `Time` std::optional<timestamp>, const or not.
template<class State, class Time, class Visit>
void each_column(State& state, Time& gone_since, Visit&& visit) {
    auto& reading = state.reading;
    visit("source_database", reading.source_database);
    visit("target_database", reading.target_database);
    visit("status", reading.status);
    visit("stage", reading.stage);
    visit("stage_raw", reading.stage_raw);
    visit("percentage", reading.percentage);
    visit("catchup_stage", reading.catchup_stage);
    visit("catchup_stage_raw", reading.catchup_stage_raw);
    visit("catchup_percentage", reading.catchup_percentage);
    visit("needs_repair", reading.needs_repair);
    visit("main_task", reading.main_task);
    visit("appeared", state.appeared);
    visit("stage_changed", state.stage_changed);
    visit("status_changed", state.status_changed);
    visit("progress_changed", state.progress_changed);
    visit("last_status", state.last_status);
    visit("last_percentage", state.last_percentage);
    visit("abnormal_since", state.abnormal_since);
    visit("last_alert", state.last_alert);
    visit("alerts_repeated", state.alerts_repeated);
    visit("repair_needed", state.repair_needed);
    visit("reason", state.reason.text);
    visit("reason_round", state.reason.round);
    visit("reason_asked", state.reason.asked);
    visit("reason_answered", state.reason.answered);
    visit("unseen_since", state.unseen_since);
    visit("gone_since", gone_since);
}

} // namespace replmond::store
