// The metric families that each instance has series of (the contract, Metrics), with one rendering function
// each. docs/metrics.md is generated from the table at the end.

#include "daemon/core/metrics/instance_families.hpp"

#include "daemon/core/metrics/exposition.hpp"
#include "daemon/core/model/text.hpp"

#include <array>
#include <string>
#include <type_traits>

namespace replmond::metrics {

namespace {

std::string_view one_if(bool condition) {
    return condition ? "1" : "0";
}

sample of_instance(std::string& text, std::string_view name, const instance_state& of) {
    sample s(text, name);
    s.label("project", of.identity.project).label("starrocks_instance", of.identity.name);
    return s;
}

// The samples of one family and one instance. Their common beginning is written once and then copied.
class instance_samples {
public:
    instance_samples(std::string& text, std::string_view name, const instance_state& of) : text_(text) {
        of_instance(start_, name, of);
    }

    sample begin() const { return sample::continued(text_, start_); }
    sample begin(std::string_view task) const { return begin().label("task", task); }

    /// A sample for each stage, 1 for the current one.
    void each_stage(std::string_view task, stage current) {
        task_start_ = start_;
        sample::continued(task_start_, "").label("task", task);
        for (const stage candidate : all_stages)
            sample::continued(text_, task_start_)
                .label("stage", to_string(candidate))
                .value(one_if(candidate == current));
    }

private:
    std::string& text_;
    std::string start_;
    std::string task_start_;
};

void info(std::string& text, std::string_view name, const instance_state& of, const render_context& context) {
    const instance_samples samples(text, name, of);
    each_task(of, context, [&](const std::string& task, const task_state& state) {
        sample s = samples.begin(task);
        s.label("region", of.identity.region);
        s.label("project_id", of.identity.project_id);
        s.label("instance_id", of.identity.id);
        if (state.reading.source_database)
            s.label("source_database", *state.reading.source_database);
        if (state.reading.target_database)
            s.label("target_database", *state.reading.target_database);
        if (state.reading.main_task)
            s.label("main_task", *state.reading.main_task ? "true" : "false");
        for (const auto& [key, value] : of.identity.labels)
            s.label(key, value);
        s.value("1");
    });
}

void status_gauge(std::string& text, std::string_view name, const instance_state& of,
                  const render_context& context) {
    const instance_samples samples(text, name, of);
    each_task(of, context, [&](const std::string& task, const task_state& state) {
        if (state.reading.status)
            samples.begin(task).value(one_if(*state.reading.status == status::yes));
    });
}

void stage_set(std::string& text, std::string_view name, const instance_state& of,
               const render_context& context) {
    instance_samples samples(text, name, of);
    each_task(of, context, [&](const std::string& task, const task_state& state) {
        samples.each_stage(task, state.reading.stage);
    });
}

void catchup_stage_set(std::string& text, std::string_view name, const instance_state& of,
                       const render_context& context) {
    instance_samples samples(text, name, of);
    each_task(of, context, [&](const std::string& task, const task_state& state) {
        if (state.reading.catchup_stage)
            samples.each_stage(task, *state.reading.catchup_stage);
    });
}

void progress(std::string& text, std::string_view name, const instance_state& of,
              const render_context& context) {
    const instance_samples samples(text, name, of);
    each_task(of, context, [&](const std::string& task, const task_state& state) {
        if (state.reading.percentage)
            samples.begin(task).value(to_ratio(*state.reading.percentage));
    });
}

void catchup_progress(std::string& text, std::string_view name, const instance_state& of,
                      const render_context& context) {
    const instance_samples samples(text, name, of);
    each_task(of, context, [&](const std::string& task, const task_state& state) {
        if (state.reading.catchup_stage && state.reading.catchup_percentage)
            samples.begin(task).value(to_ratio(*state.reading.catchup_percentage));
    });
}

void needs_repair(std::string& text, std::string_view name, const instance_state& of,
                  const render_context& context) {
    const instance_samples samples(text, name, of);
    each_task(of, context, [&](const std::string& task, const task_state& state) {
        if (state.reading.needs_repair)
            samples.begin(task).value(one_if(*state.reading.needs_repair));
    });
}

template<timestamp task_state::*Changed>
void changed_at(std::string& text, std::string_view name, const instance_state& of,
                const render_context& context) {
    const instance_samples samples(text, name, of);
    each_task(of, context, [&](const std::string& task, const task_state& state) {
        samples.begin(task).value(to_unix_seconds(state.*Changed));
    });
}

void transitions(std::string& text, std::string_view name, const instance_state& of, const render_context&) {
    const instance_samples samples(text, name, of);
    for (const stage from : all_stages) {
        for (const stage to : all_stages) {
            if (from == to)
                continue;
            const auto count =
                of.counters.transitions[static_cast<std::size_t>(from)][static_cast<std::size_t>(to)];
            samples.begin()
                .label("from", to_string(from))
                .label("to", to_string(to))
                .value(std::to_string(count));
        }
    }
}

void task_count(std::string& text, std::string_view name, const instance_state& of,
                const render_context& context) {
    if (of.task_count && !is_stale(of.failing_since, context.stale_after, context.now))
        of_instance(text, name, of).value(std::to_string(*of.task_count));
}

void poll_success(std::string& text, std::string_view name, const instance_state& of, const render_context&) {
    of_instance(text, name, of).value(one_if(of.last_result == poll_result::success));
}

void poll_duration(std::string& text, std::string_view name, const instance_state& of,
                   const render_context&) {
    of_instance(text, name, of).value(to_seconds(of.last_duration));
}

void poll_interval(std::string& text, std::string_view name, const instance_state& of,
                   const render_context&) {
    of_instance(text, name, of).value(to_seconds(of.interval));
}

void poll_last_success(std::string& text, std::string_view name, const instance_state& of,
                       const render_context&) {
    const timestamp at = of.last_success.value_or(timestamp{});
    of_instance(text, name, of).value(to_unix_seconds(at));
}

void polls(std::string& text, std::string_view name, const instance_state& of, const render_context&) {
    const instance_samples samples(text, name, of);
    for (const poll_result outcome : all_poll_results) {
        const auto count = of.counters.polls[static_cast<std::size_t>(outcome)];
        samples.begin().label("result", to_string(outcome)).value(std::to_string(count));
    }
}

void polls_skipped(std::string& text, std::string_view name, const instance_state& of,
                   const render_context&) {
    of_instance(text, name, of).value(std::to_string(of.counters.polls_skipped));
}

template<class T>
std::string lag_value(T value) {
    if constexpr (std::is_same_v<T, timestamp>)
        return to_unix_seconds(value);
    else
        return to_seconds(value);
}

// One of the measurements of each task that has series.
template<auto Member>
void measured(std::string& text, std::string_view name, const instance_state& of,
              const render_context& context) {
    if (!of.lag)
        return;
    const instance_samples samples(text, name, of);
    each_task(of, context, [&](const std::string& task, const task_state&) {
        const auto found = of.lag->tasks.find(task);
        if (found == of.lag->tasks.end())
            return;
        const auto& measurement = found->second.*Member;
        if (measurement.value && !is_stale(measurement.unread_since, context.stale_after, context.now))
            samples.begin(task).value(lag_value(*measurement.value));
    });
}

void lag_reads(std::string& text, std::string_view name, const instance_state& of, const render_context&) {
    if (!of.lag)
        return;
    const instance_samples samples(text, name, of);
    for (const lag_result outcome : all_lag_results) {
        const auto count = of.lag->reads[static_cast<std::size_t>(outcome)];
        samples.begin().label("result", to_string(outcome)).value(std::to_string(count));
    }
}

void lag_last_success(std::string& text, std::string_view name, const instance_state& of,
                      const render_context&) {
    if (of.lag)
        of_instance(text, name, of).value(to_unix_seconds(of.lag->last_success.value_or(timestamp{})));
}

constexpr std::array families = {
    instance_family{
        "starrocks_replication_info", "gauge",
        "project, starrocks_instance, task, region, project_id, instance_id, source_database, "
        "target_database, main_task, your labels",
        "The synchronization task's names and identity as of the last poll (API fields task_name, "
        "source_database, target_database, is_main_task); always 1.",
        updated::with_tasks, info},
    instance_family{
        "starrocks_replication_status", "gauge", "project, starrocks_instance, task",
        "1 where the API field status is Yes (normal), 0 where it is No (abnormal), as of the last poll; "
        "no series while it is unknown.",
        updated::with_tasks, status_gauge},
    instance_family{"starrocks_replication_stage", "gauge", "project, starrocks_instance, task, stage",
                    "The API field stage as of the last poll: 1 for the current stage, 0 for the others.",
                    updated::with_tasks, stage_set},
    instance_family{"starrocks_replication_progress_ratio", "gauge", "project, starrocks_instance, task",
                    "The API field percentage of the current stage as of the last poll, 0 to 1.",
                    updated::with_tasks, progress},
    instance_family{
        "starrocks_replication_catchup_stage", "gauge", "project, starrocks_instance, task, stage",
        "The API field catchup_stage as of the last poll: 1 for the current stage, 0 for the others; no "
        "series while the API reports none.",
        updated::with_tasks, catchup_stage_set},
    instance_family{"starrocks_replication_catchup_progress_ratio", "gauge",
                    "project, starrocks_instance, task",
                    "The API field catchup_percentage as of the last poll, 0 to 1, while the API reports a "
                    "catchup_stage.",
                    updated::with_tasks, catchup_progress},
    instance_family{
        "starrocks_replication_needs_repair", "gauge", "project, starrocks_instance, task",
        "1 where the API field is_need_repair is true, as of the last poll; no series where it is not "
        "reported.",
        updated::with_tasks, needs_repair},
    instance_family{"starrocks_replication_stage_changed_timestamp_seconds", "gauge",
                    "project, starrocks_instance, task",
                    "Unix time at which the API field stage was last seen to change, as of the last poll.",
                    updated::with_tasks, changed_at<&task_state::stage_changed>},
    instance_family{"starrocks_replication_status_changed_timestamp_seconds", "gauge",
                    "project, starrocks_instance, task",
                    "Unix time at which the API field status was last seen to change, as of the last poll.",
                    updated::with_tasks, changed_at<&task_state::status_changed>},
    instance_family{
        "starrocks_replication_progress_changed_timestamp_seconds", "gauge",
        "project, starrocks_instance, task",
        "Unix time at which the API field percentage was last seen to change, as of the last poll.",
        updated::with_tasks, changed_at<&task_state::progress_changed>},
    instance_family{"starrocks_replication_stage_transitions_total", "counter",
                    "project, starrocks_instance, from, to",
                    "Changes of the API field stage seen between two polls, as of the last poll.",
                    updated::with_tasks, transitions},
    instance_family{"starrocks_replication_tasks", "gauge", "project, starrocks_instance",
                    "Synchronization tasks (API field replications) as of the last poll that was consistent.",
                    updated::with_tasks, task_count},
    instance_family{"replmond_poll_success", "gauge", "project, starrocks_instance",
                    "1 when the last poll of the instance succeeded, else 0.", updated::with_polls,
                    poll_success},
    instance_family{"replmond_poll_duration_seconds", "gauge", "project, starrocks_instance",
                    "Duration of the last poll of the instance.", updated::with_polls, poll_duration},
    instance_family{"replmond_poll_interval_seconds", "gauge", "project, starrocks_instance",
                    "Time between two polls of the instance, as of now.", updated::with_polls, poll_interval},
    instance_family{"replmond_poll_last_success_timestamp_seconds", "gauge", "project, starrocks_instance",
                    "Unix time of the last successful poll; 0 before the first.", updated::with_polls,
                    poll_last_success},
    instance_family{"replmond_polls_total", "counter", "project, starrocks_instance, result",
                    "Polls of the instance, by result.", updated::with_polls, polls},
    instance_family{"replmond_polls_skipped_total", "counter", "project, starrocks_instance",
                    "Scheduled polls that were skipped because the poll before still ran.",
                    updated::with_polls, polls_skipped},
    instance_family{"starrocks_replication_heartbeat_timestamp_seconds", "gauge",
                    "project, starrocks_instance, task",
                    "Unix time of the newest heartbeat that has reached StarRocks, as of the last read. Only "
                    "where the lag is measured.",
                    updated::with_lag, measured<&task_lag::heartbeat>},
    instance_family{
        "starrocks_replication_source_heartbeat_timestamp_seconds", "gauge",
        "project, starrocks_instance, task",
        "Unix time of the newest heartbeat in TaurusDB, as of the last read. Only with lag.source.",
        updated::with_lag, measured<&task_lag::source_heartbeat>},
    instance_family{"starrocks_replication_lag_seconds", "gauge", "project, starrocks_instance, task",
                    "How far StarRocks is behind TaurusDB, as of the last read: the heartbeat in TaurusDB "
                    "minus the heartbeat in StarRocks. Without lag.source, the clock of replmond takes the "
                    "place of the heartbeat in TaurusDB. Negative where clocks differ.",
                    updated::with_lag, measured<&task_lag::lag>},
    instance_family{"replmond_lag_reads_total", "counter", "project, starrocks_instance, result",
                    "Reads of heartbeats, by result. A read counts once for each task; with auth, network, "
                    "tls or timeout it counts once for the instance.",
                    updated::with_lag, lag_reads},
    instance_family{"replmond_lag_last_success_timestamp_seconds", "gauge", "project, starrocks_instance",
                    "Unix time of the last read of a heartbeat that succeeded; 0 before the first.",
                    updated::with_lag, lag_last_success},
};

} // namespace

std::span<const instance_family> instance_families() {
    return families;
}

} // namespace replmond::metrics
