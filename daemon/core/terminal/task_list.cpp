// Filters, sorts and counts the tasks of `replmond task list`.

#include "daemon/core/terminal/task_list.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

namespace replmond::terminal {

namespace {

task_severity severity_of(const listed_task& of) {
    task_circumstances besides;
    besides.lag_exceeded = of.lag_exceeded;
    return replmond::severity_of(of.task, besides);
}

auto by_instance(const listed_task& of) {
    return std::tie(of.project, of.instance, of.task.name);
}

bool comes_before(const listed_task& a, const listed_task& b, list_order order) {
    if (order == list_order::worst && severity_of(a) != severity_of(b))
        return severity_of(a) < severity_of(b);
    if (order == list_order::name && a.task.name != b.task.name)
        return a.task.name < b.task.name;
    return by_instance(a) < by_instance(b);
}

} // namespace

bool list_filter::admits(const task_reading& task) const {
    const auto fits = [&](status_word word) { return has_status(task, word); };
    const auto is_in = [&](stage each) { return task.stage == each; };
    return (statuses.empty() || std::any_of(statuses.begin(), statuses.end(), fits)) &&
           (stages.empty() || std::any_of(stages.begin(), stages.end(), is_in));
}

void select_tasks(std::vector<listed_task>& tasks, const list_filter& filter, list_order order) {
    std::erase_if(tasks, [&](const listed_task& one) { return !filter.admits(one.task); });
    std::sort(tasks.begin(), tasks.end(),
              [&](const listed_task& a, const listed_task& b) { return comes_before(a, b, order); });
}

list_counts count_tasks(const std::vector<listed_task>& tasks) {
    list_counts counts;
    counts.tasks = tasks.size();
    for (const listed_task& one : tasks) {
        counts.abnormal += one.task.status == status::no ? 1U : 0U;
        counts.needs_repair += one.task.needs_repair == true ? 1U : 0U;
        counts.lag_exceeded += one.lag_exceeded ? 1U : 0U;
    }
    return counts;
}

std::string footer_words(const list_counts& counts, std::size_t shown) {
    std::string words =
        fmt::format("{} task{}: {} abnormal, {} need{} repair", counts.tasks, counts.tasks == 1 ? "" : "s",
                    counts.abnormal, counts.needs_repair, counts.needs_repair == 1 ? "s" : "");
    if (counts.lag_exceeded > 0)
        words += fmt::format(", {} behind", counts.lag_exceeded);
    if (shown != counts.tasks)
        words += fmt::format("; {} shown", shown);
    return words;
}

} // namespace replmond::terminal
