// The section of the status page about the tasks: filters, chips of the filters in force, the table.

#include "daemon/core/web/html.hpp"
#include "daemon/core/web/status_page.hpp"
#include "daemon/core/web/task_cells.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace replmond::web {

namespace {

struct option {
    std::string_view value;
    std::string_view text;
    bool is_name = false; ///< not a word of the page
};

constexpr std::array status_options = {option{"", "any"}, option{"no", "abnormal"}, option{"yes", "normal"},
                                       option{"unknown", "unknown"}};
constexpr std::array stages = {option{"", "any"},           option{"wait", "wait"},
                               option{"full", "full"},      option{"incremental", "incremental"},
                               option{"paused", "paused"},  option{"cancelled", "cancelled"},
                               option{"unknown", "unknown"}};
constexpr std::array flags = {option{"", "any"}, option{"true", "yes"}, option{"false", "no"}};
constexpr std::array order_options = {option{"", "worst first"},
                                      option{"instance", "instance"},
                                      option{"task", "task"},
                                      option{"stage", "stage"},
                                      option{"percentage", "least progress"},
                                      option{"-percentage", "most progress"},
                                      option{"status", "status"},
                                      option{"lag", "least lag"},
                                      option{"-lag", "most lag"},
                                      option{"stage_changed", "longest in its stage"},
                                      option{"-stage_changed", "newest in its stage"}};

std::vector<std::pair<std::string, std::string_view>> condition_values() {
    std::vector<std::pair<std::string, std::string_view>> values;
    for (const condition each : all_conditions) {
        if (each != condition::gone)
            values.emplace_back(parameter_word(each), to_string(each));
    }
    return values;
}

const std::vector<option>& condition_options() {
    static const auto values = condition_values();
    static const std::vector<option> options = [] {
        std::vector<option> all{{"", "any"}};
        for (const auto& [value, text] : values)
            all.push_back({value, text});
        return all;
    }();
    return options;
}

template<class Options>
void append_choice(html& out, std::string_view label, std::string_view name, const Options& options,
                   std::string_view chosen) {
    out.raw("<label>").words(label).raw(" <select").attribute("name", name).raw(">");
    bool listed = false;
    for (const auto& each : options) {
        out.raw("<option").attribute("value", each.value).raw(each.value == chosen ? " selected>" : ">");
        if (each.is_name)
            out.text(each.text);
        else
            out.words(each.text);
        out.raw("</option>");
        listed = listed || each.value == chosen;
    }
    if (!listed)
        out.raw("<option selected").attribute("value", chosen).raw(">").text(chosen).raw("</option>");
    out.raw("</select></label>\n");
}

void append_text_field(html& out, std::string_view label, std::string_view name, std::string_view value,
                       std::string_view more) {
    out.raw("<label>")
        .words(label)
        .raw(" <input")
        .raw(more)
        .attribute("name", name)
        .attribute("value", value);
    out.raw("></label>\n");
}

// The value of a parameter of the query; empty if it has its default.
std::string given(const page_query& query, std::string_view name) {
    for (const auto& [key, value] : parameters_of(query)) {
        if (key == name)
            return value;
    }
    return {};
}

// The instances' names as suggestions for an input field, at most 200 of them.
void append_names(html& out, const fleet_view& fleet) {
    constexpr std::size_t most_names = 200;
    out.raw("<datalist id=\"instance-names\">");
    for (std::size_t i = 0; i < std::min(most_names, fleet.instances().size()); ++i)
        out.raw("<option").attribute("value", fleet.instances()[i]->identity.name).raw("></option>");
    out.raw("</datalist>\n");
}

void append_projects(html& out, const status_content& content) {
    std::set<std::string_view> names;
    for (const instance_state* each : content.fleet.instances())
        names.insert(each->identity.project);
    if (names.size() < 2 && content.query.tasks.project.empty())
        return;
    std::vector<option> options{{"", "any"}};
    for (const std::string_view name : names)
        options.push_back({name, name, true});
    append_choice(out, "Project", "project", options, content.query.tasks.project);
}

// The head of a column with a link that sorts the table by it, or reverses the order if the table is sorted
// by it already.
void append_column(html& out, const page_query& now, std::string_view title, task_order order,
                   bool shows_age = false) {
    const bool current = now.tasks.order == order;
    page_query there = now;
    there.tasks.order = order;
    there.tasks.descending = current && !now.tasks.descending;
    there.tasks.offset = 0;
    out.raw("<th scope=\"col\"");
    if (current) // a column that shows ages is sorted by time, so its order is reversed
        out.attribute("aria-sort", now.tasks.descending != shows_age ? "descending" : "ascending");
    out.raw("><a").attribute("href", link_to(there) + "#tasks").raw(">").words(title).raw("</a></th>");
}

// Since when the task is as it is: abnormal, for example, or incremental and normal.
void append_since(html& out, const shown_task& task) {
    std::optional<timestamp> since = in_state_since(task.state);
    if (const auto worst = worst_of_its_own(task.conditions)) {
        if (const auto began = since_when(*worst, task.state, task.lag, task.at))
            since = began;
    }
    if (since)
        out.lasting(*since, task.at.now.wall);
    else
        out.words("not known");
}

void append_row(html& out, const listed_task& listed, const status_content& content) {
    const shown_task task = show(*listed.of, *listed.task, content.fleet.time());
    const task_reading& read = task.state.reading;
    const instance_identity& of = task.of.identity;
    page_query only;
    only.tasks.instance = of.name;
    out.raw("<tr").attribute("data-key", of.name + "/" + read.name);
    out.raw(task.state.unseen_since ? " class=\"old\">\n<th scope=\"row\">" : ">\n<th scope=\"row\">");
    out.raw("<a class=\"name\"").attribute("href", link_to_task(of.project, of.name, read.name)).raw(">");
    out.text(read.name).raw("</a>");
    if (read.main_task == false)
        out.raw(" ").span_words("badge idle", "temporary");
    out.raw("</th>\n<td")
        .label("Instance")
        .raw("><a class=\"name\"")
        .attribute("href", link_to(only) + "#tasks");
    out.raw(">").text(of.name).raw("</a><span class=\"sub\">");
    append_databases(out, read);
    out.raw("</span></td>\n<td").label("State").raw(">");
    append_state(out, task);
    if (task.state.reason.text)
        out.span("why", *task.state.reason.text);
    out.raw("</td>\n<td").label("Progress").raw(">");
    append_progress(out, read);
    if (content.totals.lag_measured > 0) {
        out.raw("</td>\n<td").label("Lag").raw(">");
        append_lag(out, task);
    }
    out.raw("</td>\n<td").label("In this state").raw(">");
    append_since(out, task);
    out.raw("</td>\n</tr>\n");
}

std::string_view nothing_found(const status_content& content) {
    if (content.totals.tasks == 0)
        return content.totals.not_polled > 0 ? "No task is known yet." : "There are no tasks.";
    return content.tasks_found == 0 ? "No task fits this filter." : "There is nothing on this page.";
}

} // namespace

namespace {

void append_count(html& out, const page_query& there, std::string_view id, std::string_view kind,
                  std::size_t count, std::string_view word) {
    out.raw("<li")
        .attribute("class", count > 0 ? kind : "none")
        .raw("><a")
        .attribute("href", link_to(there) + "#tasks")
        .raw("><b")
        .attribute("id", fmt::format("sum-{}", id))
        .raw(">")
        .raw(std::to_string(count))
        .raw("</b> ")
        .words(word)
        .raw("</a></li>\n");
}

// A filter of the table: its parameter, its name for readers, and how it is taken off.
struct task_filter {
    std::string_view name;
    std::string_view text;
    void (*clear)(task_query&);
};

template<auto Member>
void clear(task_query& query) {
    query.*Member = task_query().*Member;
}

constexpr std::array filters = {task_filter{"search", "search", clear<&task_query::search>},
                                task_filter{"project", "project", clear<&task_query::project>},
                                task_filter{"instance", "instance", clear<&task_query::instance>},
                                task_filter{"task", "task", clear<&task_query::task>},
                                task_filter{"status", "status", clear<&task_query::status>},
                                task_filter{"stage", "stage", clear<&task_query::stage>},
                                task_filter{"stale", "outdated", clear<&task_query::stale>},
                                task_filter{"needs_repair", "needs repair", clear<&task_query::needs_repair>},
                                task_filter{"wrong", "something wrong", clear<&task_query::wrong>},
                                task_filter{"condition", "condition", clear<&task_query::condition>}};

// The query without this filter, from the first task on.
page_query without(const page_query& query, const task_filter& filter) {
    page_query there = query;
    filter.clear(there.tasks);
    there.tasks.offset = 0;
    return there;
}

// The value of a filter as a reader knows it. Names stay what they are.
std::string value_words(language in, std::string_view name, std::string value) {
    if (name == "search" || name == "project" || name == "instance" || name == "task")
        return value;
    if (name == "status")
        value = value == "no" ? "abnormal" : value == "yes" ? "normal" : value;
    if (name == "condition")
        std::replace(value.begin(), value.end(), '_', ' ');
    if (value == "true" || value == "false")
        return in == language::english ? value : std::string(translated(in, value == "true" ? "yes" : "no"));
    return std::string(translated(in, value));
}

// The filters in force, each with a link to the page without it: whoever opens a shared link sees them.
void append_chips(html& out, const page_query& query) {
    bool any = false;
    for (const task_filter& filter : filters) {
        const std::string_view name = filter.name;
        const std::string value = given(query, name);
        if (value.empty())
            continue;
        if (!std::exchange(any, true))
            out.raw("<ul class=\"chips\"")
                .attribute("aria-label", translated(out.in(), "Filters in force"))
                .raw(">\n");
        out.raw("<li><a")
            .attribute("href", link_to(without(query, filter)) + "#tasks")
            .raw("><span class=\"name\">");
        out.words("{}: {}", translated(out.in(), filter.text), value_words(out.in(), name, value));
        out.raw("</span> ").span_words("hidden", "take off").raw("</a></li>\n");
    }
    if (any)
        out.raw("</ul>\n");
}

// True if a filter beside the search is in force: then the fields are shown.
bool has_filters(const page_query& query) {
    return std::any_of(filters.begin() + 1, filters.end(),
                       [&](const task_filter& each) { return !given(query, each.name).empty(); });
}

page_query with_condition(condition value) {
    page_query there;
    there.tasks.condition = value;
    return there;
}

} // namespace

// The numbers of the whole fleet; each links to the tasks that it counts. Conditions that no task has are
// left out, but for the two that everybody looks for.
void append_counts(std::string& page, const status_content& content) {
    html out(page, content.in);
    const task_totals& sum = content.totals.of_tasks;
    out.raw("<ul class=\"counts\"")
        .attribute("aria-label", translated(content.in, "Numbers of tasks"))
        .raw(">\n");
    append_count(out, page_query(), "tasks", "", content.totals.tasks, "all");
    const auto wrong = [&](condition value, std::string_view id, std::size_t count, bool always = false) {
        if (count > 0 || always)
            append_count(out, with_condition(value), id, value == condition::abnormal ? "bad" : "warn", count,
                         value == condition::needs_repair ? "need repair" : to_string(value));
    };
    wrong(condition::abnormal, "abnormal", sum.abnormal, true);
    wrong(condition::needs_repair, "needs_repair", sum.needs_repair, true);
    wrong(condition::behind, "behind", sum.behind);
    wrong(condition::no_progress, "no_progress", sum.no_progress);
    wrong(condition::outdated, "stale", sum.stale);
    wrong(condition::lag_unknown, "lag_unknown", sum.lag_unknown);
    if (sum.gone > 0)
        out.raw("<li class=\"bad\"><a href=\"#wrong\"><b id=\"sum-gone\">")
            .raw(std::to_string(sum.gone))
            .raw("</b> ")
            .words("gone")
            .raw("</a></li>\n");
    for (const stage each : all_stages) {
        page_query there;
        there.tasks.stage = each;
        if (const std::size_t count = sum.stages[static_cast<std::size_t>(each)]; count > 0)
            append_count(out, there, to_string(each), "stage", count, to_string(each));
    }
    out.raw("</ul>\n");
}

void append_task_filter(std::string& page, const status_content& content) {
    const page_query& query = content.query;
    html out(page, content.in);
    append_chips(out, query);
    out.raw("<form id=\"filter\" method=\"get\" action=\"./#tasks\" role=\"search\"")
        .attribute("aria-label", translated(content.in, "Tasks"))
        .raw(">\n");
    append_text_field(out, "Search", "search", query.tasks.search, " type=\"search\"");
    out.raw("<button type=\"submit\">").words("Show").raw("</button>\n");
    out.raw(has_filters(query) ? "<details id=\"filters\" open>" : "<details id=\"filters\">");
    out.raw("\n<summary>").words("Filter and sort").raw("</summary>\n<div class=\"fields\">\n");
    append_text_field(out, "Instance", "instance", query.tasks.instance, " list=\"instance-names\"");
    append_names(out, content.fleet);
    append_projects(out, content);
    append_choice(out, "Status", "status", status_options, given(query, "status"));
    append_choice(out, "Stage", "stage", stages, given(query, "stage"));
    append_choice(out, "Something wrong", "wrong", flags, given(query, "wrong"));
    append_choice(out, "Condition", "condition", condition_options(), given(query, "condition"));
    append_choice(out, "Sorted by", "sort", order_options, given(query, "sort"));
    out.raw("</div>\n</details>\n");
    for (const std::string_view name : {"task", "needs_repair", "stale", "limit", "events"}) {
        if (const std::string value = given(query, name); !value.empty())
            out.raw("<input type=\"hidden\"").attribute("name", name).attribute("value", value).raw(">\n");
    }
    out.raw("</form>\n");
}

namespace {

std::size_t columns_of(const status_content& content) {
    return content.totals.lag_measured > 0 ? 6 : 5;
}

} // namespace

void append_tasks_head(std::string& page, const status_content& content) {
    const page_query& query = content.query;
    html out(page, content.in);
    out.raw("<table id=\"task-table\">\n<caption class=\"hidden\">")
        .words("Synchronization tasks")
        .raw("</caption>\n<thead><tr>");
    append_column(out, query, "Task", task_order::task);
    append_column(out, query, "Instance", task_order::instance);
    append_column(out, query, "State", task_order::severity);
    append_column(out, query, "Progress", task_order::percentage);
    if (content.totals.lag_measured > 0)
        append_column(out, query, "Lag", task_order::lag);
    append_column(out, query, "In this state", task_order::stage_changed, true);
    out.raw("</tr></thead>\n<tbody>\n");
}

void append_task_rows(std::string& page, const status_content& content) {
    html out(page, content.in);
    for (const listed_task& each : content.tasks)
        append_row(out, each, content);
}

void append_tasks_end(std::string& page, const status_content& content) {
    const page_query& query = content.query;
    html out(page, content.in);
    if (content.tasks_shown == 0)
        out.raw("<tr><td")
            .attribute("colspan", std::to_string(columns_of(content)))
            .raw(" class=\"empty\">")
            .words(nothing_found(content))
            .raw("</td></tr>\n");
    out.raw("</tbody>\n</table>\n");
    append_pages(out, "Pages of tasks", {query.tasks.offset, *query.tasks.limit, content.tasks_found},
                 [&query](std::size_t offset) {
                     page_query there = query;
                     there.tasks.offset = offset;
                     return link_to(there) + "#tasks";
                 });
}

} // namespace replmond::web
