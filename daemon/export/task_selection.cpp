#include "daemon/export/task_selection.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <string_view>

namespace replmond::exposition {
namespace {

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool contains(std::string_view text, std::string_view part) {
    return std::search(text.begin(), text.end(), part.begin(), part.end(),
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

bool admits(const task_query& query, const instance_identity& of) {
    return (query.project.empty() || of.project == query.project) &&
           (query.instance.empty() || of.name == query.instance || of.id == query.instance);
}

bool is_found(const std::string& part, const instance_state& of, const task_reading& task) {
    return part.empty() || contains(task.name, part) || contains(of.identity.name, part) ||
           (task.source_database && contains(*task.source_database, part)) ||
           (task.target_database && contains(*task.target_database, part));
}

bool is_stale(const task_state& task, const render_context& context) {
    return replmond::is_stale(task.unseen_since, context.stale_after, context.now);
}

bool admits(const task_query& query, const instance_state& of, const task_state& task,
            const render_context& context) {
    const task_reading& read = task.reading;
    return admits(query.status, read.status) && (!query.stage || read.stage == *query.stage) &&
           (!query.needs_repair || read.needs_repair.value_or(false) == *query.needs_repair) &&
           (!query.stale || is_stale(task, context) == *query.stale) && is_found(query.search, of, read);
}

int severity_of(const task_state& task, const render_context& context) {
    const task_reading& read = task.reading;
    if (read.status == status::no)
        return 0;
    if (read.needs_repair == true)
        return 1;
    if (is_stale(task, context))
        return 2;
    if (!read.status || read.stage == stage::unknown)
        return 3;
    switch (read.stage) {
    case stage::cancelled:
        return 4;
    case stage::paused:
        return 5;
    case stage::incremental:
        return 7;
    default:
        return 6;
    }
}

// Empty: not known, and last in either direction.
std::optional<double> key_of(const task_state& task, task_order order, const render_context& context) {
    switch (order) {
    case task_order::severity:
        return severity_of(task, context);
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

// 32 bytes for each task that fits: what is sorted. `turn` is the place in the order of the fleet.
struct candidate {
    listed_task what;
    double key = 0;
    std::size_t turn = 0;
};

bool before(const candidate& a, const candidate& b, const task_query& query) {
    if (query.order == task_order::task) {
        const int names = a.what.task->reading.name.compare(b.what.task->reading.name);
        if (names != 0)
            return query.descending ? names > 0 : names < 0;
    }
    if (a.key != b.key)
        return a.key < b.key;
    return query.order == task_order::instance && query.descending ? a.turn > b.turn : a.turn < b.turn;
}

std::vector<candidate> candidates(const fleet_view& fleet, const task_query& query) {
    std::vector<candidate> found;
    for (const instance_state* of : fleet.instances) {
        if (!admits(query, of->identity))
            continue;
        for (const auto& [name, task] : of->tasks) {
            if (!admits(query, *of, task, fleet.context))
                continue;
            const auto key = key_of(task, query.order, fleet.context);
            const double sorted = !key               ? std::numeric_limits<double>::infinity()
                                  : query.descending ? -*key
                                                     : *key;
            found.push_back({{of, &task}, sorted, found.size()});
        }
    }
    return found;
}

int severity_of(const listed_instance& instance) {
    const auto& result = instance.of->last_result;
    if (result && *result != poll_result::success)
        return 0;
    if (instance.totals.abnormal > 0)
        return 1;
    if (instance.totals.needs_repair > 0)
        return 2;
    if (instance.totals.stale > 0)
        return 3;
    return result ? 5 : 4;
}

} // namespace

task_selection select_tasks(const fleet_view& fleet, const task_query& query) {
    std::vector<candidate> found = candidates(fleet, query);
    task_selection selection;
    selection.total = found.size();
    const std::size_t first = std::min(query.offset, found.size());
    const std::size_t last = first + std::min(query.limit.value_or(found.size()), found.size() - first);
    const auto at = [&found](std::size_t place) {
        return found.begin() + static_cast<std::ptrdiff_t>(place);
    };
    const auto in_order = [&query](const candidate& a, const candidate& b) { return before(a, b, query); };
    // They come in the order of the fleet already.
    if (query.order != task_order::instance || query.descending) {
        if (first < found.size())
            std::nth_element(found.begin(), at(first), found.end(), in_order);
        std::partial_sort(at(first), at(last), found.end(), in_order);
    }
    for (std::size_t place = first; place < last; ++place)
        selection.tasks.push_back(found[place].what);
    return selection;
}

std::vector<listed_instance> survey(const fleet_view& fleet) {
    std::vector<listed_instance> instances;
    for (const instance_state* of : fleet.instances)
        instances.push_back({of, fleet.totals == nullptr ? add_up(*of, fleet.context)
                                                         : fleet.totals->of(*of, fleet.context)});
    return instances;
}

void sort_by_severity(std::vector<listed_instance>& instances) {
    std::sort(instances.begin(), instances.end(), [](const listed_instance& a, const listed_instance& b) {
        const int first = severity_of(a);
        const int second = severity_of(b);
        return first != second ? first < second : a.of->identity.name < b.of->identity.name;
    });
}

} // namespace replmond::exposition
