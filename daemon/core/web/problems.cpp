// Finds what is wrong in the whole fleet, the worst first, and says it in one sentence.

#include "daemon/core/web/problems.hpp"

#include "daemon/core/web/html.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace replmond::web {

namespace {

constexpr std::size_t tasks_in_a_step = 256; // tasks
constexpr std::size_t gone_of_an_instance = 50;
constexpr std::size_t most_failing_groups =
    1000; // bounds the memory, whatever error codes the cloud makes up

std::optional<timestamp> earlier(const std::optional<timestamp>& a, const std::optional<timestamp>& b) {
    return !a || !b ? (a ? a : b) : std::optional(std::min(*a, *b));
}

} // namespace

bool problem_search::in_order::operator()(const candidate& a, const candidate& b) const {
    return std::tuple(a.worst, b.since, a.turn) < std::tuple(b.worst, a.since, b.turn);
}

problem_search::problem_search(std::size_t most) : most_(most), found_(0, most, in_order()) {}

bool problem_search::step(const fleet_view& fleet) {
    if (all_seen_)
        return found_.sort(most_);
    const look_time at = fleet.time();
    all_seen_ = walk_.over_tasks(
        fleet, tasks_in_a_step, [&](const instance_state& of) { return enter(of, fleet); },
        [&](const instance_state& of, const task_state& task) { see(of, task, at); });
    if (all_seen_)
        sort_groups();
    return false;
}

// The cursor enters an instance again in each step that goes on in it.
bool problem_search::enter(const instance_state& of, const fleet_view& fleet) {
    const task_totals totals =
        fleet.totals == nullptr ? add_up(of, fleet.time()) : fleet.totals->of(of, fleet.time());
    if (auto key = key_of(of); last_entered_ != key) {
        last_entered_ = std::move(key);
        if (of.last_result && *of.last_result != poll_result::success)
            see_failure(of, fleet.time());
        if (totals.gone > 0)
            see_gone(of, fleet.time());
    }
    return totals.wrong > totals.gone;
}

void problem_search::see_failure(const instance_state& of, const look_time& at) {
    group_key key(of.identity.project, *of.last_result, 0, "");
    if (of.last_failure)
        key = {of.identity.project, *of.last_result, of.last_failure->http_status,
               of.last_failure->error_code};
    if (failing_.size() >= most_failing_groups && !failing_.contains(key))
        return;
    failing_group& group = failing_[key];
    if (group.instances++ == 0) {
        group.project = of.identity.project;
        group.instance = of.identity.name;
        group.why = of.last_failure;
        group.result = *of.last_result;
    }
    const auto since =
        of.failing_since ? std::optional(at.now.wall - (at.now.even - *of.failing_since)) : of.last_success;
    group.since = earlier(group.since, since);
}

void problem_search::see_gone(const instance_state& of, const look_time& at) {
    std::size_t listed = 0;
    for (const auto& [name, task] : of.departed) {
        if (listed == gone_of_an_instance)
            return;
        if (!is_gone(task, at))
            continue;
        add(of, name, condition::gone, task.at);
        ++listed;
    }
}

void problem_search::see(const instance_state& of, const task_state& task, const look_time& at) {
    const task_lag* lag = find_lag(of, task.reading.name);
    if (const auto worst = worst_of_its_own(conditions_of(task, lag, at)))
        add(of, task.reading.name, *worst, since_when(*worst, task, lag, at));
}

void problem_search::add(const instance_state& of, const std::string& task, condition worst,
                         std::optional<timestamp> since) {
    found_.add({worst, since.value_or(timestamp()), found_.total(), key_of(of), task});
}

void problem_search::sort_groups() {
    for (auto& [key, group] : failing_)
        groups_.push_back(std::move(group));
    failing_.clear();
    std::sort(groups_.begin(), groups_.end(), [](const failing_group& a, const failing_group& b) {
        return std::tie(b.instances, a.project, a.instance) < std::tie(a.instances, b.project, b.instance);
    });
    if (groups_.size() > most_) {
        other_groups_ = groups_.size() - most_;
        groups_.resize(most_);
    }
}

listed_problem problem_search::at(const fleet_view& fleet, std::size_t place) const {
    const candidate& found = found_[place];
    listed_problem problem;
    const instance_state* of = find_instance(fleet.instances(), found.of);
    if (of == nullptr)
        return problem;
    if (found.since != timestamp())
        problem.since = found.since;
    problem.worst = found.worst;
    if (found.worst == condition::gone) {
        const auto departed = of->departed.find(found.task);
        if (departed == of->departed.end())
            return problem;
        problem.gone = true;
        problem.task = &departed->second.state;
    } else {
        const auto listed = of->tasks.find(found.task);
        if (listed == of->tasks.end())
            return problem;
        problem.task = &listed->second;
        problem.conditions = conditions_of(*of, listed->second, fleet.time());
    }
    problem.of = of;
    return problem;
}

namespace {

// "1 task is abnormal", "2 tasks are abnormal".
std::string counted(language in, std::size_t count, std::string_view one, std::string_view many) {
    return translated(in, count == 1 ? one : many, count);
}

std::string calm_headline(const fleet_totals& sum, timestamp now, language in) {
    if (sum.instances == 0)
        return std::string(translated(in, "No instance is watched."));
    const std::string instances = counted(in, sum.instances, "{} instance", "{} instances");
    if (sum.not_polled > 0)
        return translated(in,
                          sum.not_polled == 1
                              ? "Nothing is known to be wrong, but {} of {} was not read yet."
                              : "Nothing is known to be wrong, but {} of {} were not read yet.",
                          sum.not_polled, instances);
    std::string text = translated(in, "Nothing is wrong: {} of {}",
                                  counted(in, sum.tasks, "{} task", "{} tasks"), instances);
    if (sum.oldest_success)
        text += translated(in, ", all read within the last {}", age_text(now - *sum.oldest_success, in));
    return text.append(translated(in, "."));
}

} // namespace

std::string headline(const fleet_totals& sum, timestamp now, language in) {
    if (sum.wrong() == 0)
        return calm_headline(sum, now, in);
    std::string text;
    const auto add = [&](std::size_t count, std::string_view one, std::string_view many) {
        if (count > 0)
            text.append(text.empty() ? "" : translated(in, ", ")).append(counted(in, count, one, many));
    };
    const task_totals& tasks = sum.of_tasks;
    add(tasks.abnormal, "{} task is abnormal", "{} tasks are abnormal");
    add(sum.failing, "{} instance cannot be read", "{} instances cannot be read");
    add(tasks.gone, "{} task is gone", "{} tasks are gone");
    add(tasks.needs_repair, "{} task needs repair", "{} tasks need repair");
    add(tasks.behind, "{} task is behind", "{} tasks are behind");
    add(tasks.no_progress, "{} task makes no progress", "{} tasks make no progress");
    add(tasks.stages[static_cast<std::size_t>(stage::cancelled)], "{} task is cancelled",
        "{} tasks are cancelled");
    add(tasks.status_unknown, "{} task has no known status", "{} tasks have no known status");
    add(tasks.stale, "{} task is outdated", "{} tasks are outdated");
    add(tasks.lag_unknown, "{} task has an unknown lag", "{} tasks have an unknown lag");
    return text.append(translated(in, "."));
}

} // namespace replmond::web
