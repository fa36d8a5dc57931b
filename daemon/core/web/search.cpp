// Finds the instances and tasks of a query in its order, in steps.

#include "daemon/core/web/search.hpp"

#include "daemon/core/model/condition.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <string_view>
#include <utility>

namespace replmond::web {

namespace {

// The work of one step, in tasks. An instance costs a fixed number in addition to its tasks.
constexpr std::size_t cost_of_a_step = 512;
constexpr std::size_t cost_of_an_instance = 8;
constexpr std::size_t sorted_in_a_step = 128;

std::size_t or_all(const std::optional<std::size_t>& limit) {
    return limit.value_or(std::numeric_limits<std::size_t>::max());
}

task_totals totals_of(const instance_state& of, const fleet_view& fleet) {
    return fleet.totals == nullptr ? add_up(of, fleet.time()) : fleet.totals->of(of, fleet.time());
}

int severity_of(const instance_state& of, const task_totals& totals) {
    const auto& result = of.last_result;
    if (result && *result != poll_result::success)
        return 0;
    if (totals.abnormal > 0)
        return 1;
    if (totals.needs_repair > 0)
        return 2;
    if (totals.wrong > 0)
        return 3;
    return result ? 5 : 4;
}

void add(fleet_totals& sum, const instance_state& of, const task_totals& totals) {
    const auto& result = of.last_result;
    ++sum.instances;
    sum.failing += result && *result != poll_result::success ? 1U : 0U;
    sum.not_polled += result ? 0U : 1U;
    sum.tasks += of.tasks.size();
    sum.lag_measured += of.lag ? 1U : 0U;
    sum.of_tasks += totals;
    if (of.last_success)
        sum.oldest_success = std::min(sum.oldest_success.value_or(*of.last_success), *of.last_success);
}

} // namespace

instance_search::instance_search(instance_query query)
    : query_(std::move(query)), found_(query_.offset, or_all(query_.limit), in_order()) {}

bool instance_search::step(const fleet_view& fleet) {
    if (all_seen_)
        return found_.sort(sorted_in_a_step);
    all_seen_ =
        walk_.over_instances(fleet, cost_of_a_step, [&](const instance_state& of) { return see(of, fleet); });
    return false;
}

std::size_t instance_search::see(const instance_state& of, const fleet_view& fleet) {
    const task_totals totals = totals_of(of, fleet);
    add(sum_, of, totals);
    if (admits(query_, of)) {
        const int severity = query_.order == instance_order::severity ? severity_of(of, totals) : 0;
        found_.add({severity, found_.total(), key_of(of)});
    }
    return cost_of_an_instance + of.tasks.size();
}

listed_instance instance_search::at(const fleet_view& fleet, std::size_t place) const {
    const instance_state* of = find_instance(fleet.instances(), found_[place].key);
    return of == nullptr ? listed_instance() : listed_instance{of, totals_of(*of, fleet)};
}

namespace {

// Tasks; a step takes some tens of microseconds.
constexpr std::size_t seen_in_a_step = 256;

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool contains(std::string_view text, std::string_view part) {
    return part.size() <= text.size() &&
           std::search(text.begin(), text.end(), part.begin(), part.end(),
                       [](char a, char b) { return lower(a) == lower(b); }) != text.end();
}

bool admits(status_filter wanted, const std::optional<status>& is) {
    switch (wanted) {
    case status_filter::any:
        return true;
    case status_filter::yes:
        return is == status::yes;
    case status_filter::no:
        return is == status::no;
    case status_filter::unknown:
        break;
    }
    return !is;
}

bool is_found(const std::string& part, const instance_state& of, const task_reading& task) {
    return part.empty() || contains(task.name, part) || contains(of.identity.name, part) ||
           (task.source_database && contains(*task.source_database, part)) ||
           (task.target_database && contains(*task.target_database, part));
}

bool has_wanted_conditions(const task_query& query, const instance_state& of, const task_state& task,
                           const look_time& at) {
    if (!query.wrong && !query.condition)
        return true;
    const condition_set found = conditions_of(of, task, at);
    return (!query.wrong || found.empty() != *query.wrong) &&
           (!query.condition || found.contains(*query.condition));
}

// The lag in seconds; nothing if it is not known.
std::optional<double> lag_key(const instance_state& of, const task_state& task, const look_time& at) {
    const auto lag = lag_of(of, task.reading.name, {at.now.even, at.stale_after});
    return lag ? std::optional(static_cast<double>(lag->count())) : std::nullopt;
}

// The sort key; nothing if the value is not known: then the task is last in both directions.
std::optional<double> key_of(const instance_state& of, const task_state& task, task_order order,
                             const look_time& at) {
    switch (order) {
    case task_order::severity:
        return static_cast<int>(severity_of(task.reading, conditions_of(of, task, at)));
    case task_order::lag:
        return lag_key(of, task, at);
    case task_order::stage:
        return static_cast<double>(task.reading.stage);
    case task_order::percentage:
        return task.reading.percentage;
    case task_order::status: // abnormal, then normal
        return task.reading.status ? std::optional(*task.reading.status == status::no ? 0.0 : 1.0)
                                   : std::nullopt;
    case task_order::stage_changed:
        return static_cast<double>(task.stage_changed.time_since_epoch().count());
    case task_order::instance:
    case task_order::task:
        break;
    }
    return 0.0;
}

} // namespace

bool admits(const task_query& query, const instance_identity& of) {
    return (query.project.empty() || of.project == query.project) &&
           (query.instance.empty() || of.name == query.instance || of.id == query.instance);
}

bool admits(const task_query& query, const instance_state& of, const task_state& task, const look_time& at) {
    const task_reading& read = task.reading;
    return admits(query.status, read.status) && (!query.stage || read.stage == *query.stage) &&
           (!query.needs_repair || read.needs_repair.value_or(false) == *query.needs_repair) &&
           (!query.stale || is_stale(task.unseen_since, at.stale_after, at.now.even) == *query.stale) &&
           (query.task.empty() || read.name == query.task) && is_found(query.search, of, read) &&
           has_wanted_conditions(query, of, task, at);
}

bool task_search::in_order::operator()(const candidate& a, const candidate& b) const {
    if (order == task_order::task && a.task != b.task)
        return (a.task < b.task) != descending;
    if (a.key != b.key)
        return a.key < b.key;
    return order == task_order::instance && descending ? a.turn > b.turn : a.turn < b.turn;
}

task_search::task_search(task_query query)
    : query_(std::move(query)),
      found_(query_.offset, or_all(query_.limit), in_order{query_.order, query_.descending}) {}

bool task_search::step(const fleet_view& fleet) {
    if (all_seen_)
        return found_.sort(sorted_in_a_step);
    all_seen_ = walk_.over_tasks(
        fleet, seen_in_a_step,
        [this](const instance_state& of) {
            in_instance_ = false;
            return admits(query_, of.identity);
        },
        [&](const instance_state& of, const task_state& task) { see(of, task, fleet.time()); });
    return false;
}

void task_search::see(const instance_state& of, const task_state& task, const look_time& at) {
    if (!admits(query_, of, task, at))
        return;
    if (!std::exchange(in_instance_, true) && (instances_.empty() || instances_.back() != key_of(of)))
        instances_.push_back(key_of(of));
    const auto key = key_of(of, task, query_.order, at);
    candidate it;
    it.key = !key ? std::numeric_limits<double>::infinity() : query_.descending ? -*key : *key;
    it.turn = found_.total();
    it.of = static_cast<std::uint32_t>(instances_.size() - 1);
    it.task = task.reading.name;
    name_bytes_ += it.task.capacity();
    found_.add(std::move(it));
}

listed_task task_search::at(const fleet_view& fleet, std::size_t place) const {
    const candidate& found = found_[place];
    const instance_state* of = find_instance(fleet.instances(), instances_[found.of]);
    if (of == nullptr)
        return {};
    const auto task = of->tasks.find(found.task);
    return task == of->tasks.end() ? listed_task() : listed_task{of, &task->second};
}

// name_bytes_ also has the names of tasks that were dropped from the window, so it is only counted if there
// is no limit and nothing is dropped.
std::size_t task_search::bytes() const {
    const bool keeps_all = !query_.limit;
    return found_.bytes() + instances_.capacity() * sizeof(instance_key) + (keeps_all ? name_bytes_ : 0);
}

} // namespace replmond::web
