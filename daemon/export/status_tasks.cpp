// The section of the status page about tasks.
#include "daemon/export/html.hpp"
#include "daemon/export/status_page.hpp"
#include "daemon/model/number.hpp"

#include <fmt/format.h>

#include <array>
#include <set>

namespace replmond::exposition {
namespace {

struct option {
    std::string_view value;
    std::string_view text;
};

constexpr std::array statuses = {option{"", "any"}, option{"no", "abnormal"}, option{"yes", "normal"},
                                 option{"unknown", "unknown"}};
constexpr std::array stages = {option{"", "any"},           option{"wait", "wait"},
                               option{"full", "full"},      option{"incremental", "incremental"},
                               option{"paused", "paused"},  option{"cancelled", "cancelled"},
                               option{"unknown", "unknown"}};
constexpr std::array flags = {option{"", "any"}, option{"true", "yes"}, option{"false", "no"}};
constexpr std::array orders = {option{"", "what needs a look first"},
                               option{"instance", "instance"},
                               option{"task", "task"},
                               option{"stage", "stage"},
                               option{"percentage", "least progress"},
                               option{"-percentage", "most progress"},
                               option{"status", "status"},
                               option{"stage_changed", "longest in its stage"},
                               option{"-stage_changed", "newest in its stage"}};

template<class Options>
void append_choice(html& out, std::string_view label, std::string_view name, const Options& options,
                   std::string_view chosen) {
    out.raw("<label>").text(label).raw(" <select").attribute("name", name).raw(">");
    bool listed = false;
    for (const auto& each : options) {
        out.raw("<option").attribute("value", each.value).raw(each.value == chosen ? " selected>" : ">");
        out.text(each.text).raw("</option>");
        listed = listed || each.value == chosen;
    }
    if (!listed)
        out.raw("<option selected").attribute("value", chosen).raw(">").text(chosen).raw("</option>");
    out.raw("</select></label>\n");
}

void append_text_field(html& out, std::string_view label, std::string_view name, std::string_view value,
                       std::string_view more) {
    out.raw("<label>").text(label).raw(" <input").raw(more).attribute("name", name).attribute("value", value);
    out.raw("></label>\n");
}

// The value of one of the query's parameters.
std::string given(const page_query& query, std::string_view name) {
    for (const auto& [key, value] : parameters_of(query)) {
        if (key == name)
            return value;
    }
    return {};
}

// Names to choose from while typing: not all of a thousand.
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
        options.push_back({name, name});
    append_choice(out, "Project", "project", options, content.query.tasks.project);
}

// A column that the table can be sorted by; once more: the other way round.
void append_column(html& out, const page_query& now, std::string_view title, task_order order,
                   bool shows_age = false) {
    const bool current = now.tasks.order == order;
    page_query there = now;
    there.tasks.order = order;
    there.tasks.descending = current && !now.tasks.descending;
    there.tasks.offset = 0;
    out.raw("<th scope=\"col\"");
    if (current) // what is long ago has a great age
        out.attribute("aria-sort", now.tasks.descending != shows_age ? "descending" : "ascending");
    out.raw("><a").attribute("href", link_to(there) + "#tasks").raw(">").text(title).raw("</a></th>");
}

void append_stage(html& out, const task_reading& read) {
    out.raw("<td data-label=\"Stage\"><span class=\"badge stage ").raw(to_string(read.stage)).raw("\">");
    out.raw(to_string(read.stage)).raw("</span>");
    if (read.stage_raw)
        out.span("sub", *read.stage_raw);
    if (read.catchup_stage) {
        out.raw("<span class=\"sub\">catch-up: ").raw(to_string(*read.catchup_stage));
        if (read.catchup_percentage)
            out.raw(" ").raw(to_shortest(*read.catchup_percentage)).raw(" %");
        out.raw("</span>");
    }
    out.raw("</td>\n");
}

void append_progress(html& out, const task_reading& read) {
    out.raw("<td data-label=\"Progress\">");
    if (!read.percentage) {
        out.raw("not reported</td>\n");
        return;
    }
    const std::string value = to_shortest(*read.percentage);
    out.raw("<progress max=\"100\"")
        .attribute("value", value)
        .attribute("aria-label", "Progress of " + read.name);
    out.raw("></progress> <span class=\"number\">").raw(value).raw(" %</span></td>\n");
}

void append_status(html& out, const task_state& task, const status_content& content) {
    const task_reading& read = task.reading;
    const timestamp now = content.fleet.now;
    out.raw("<td data-label=\"Status\">");
    if (read.status == status::no) {
        out.span("badge bad", "abnormal");
        out.raw("<span class=\"sub\">")
            .age(task.abnormal_since.value_or(task.status_changed), now, "for ", "");
        out.raw("</span>");
    } else {
        out.span(read.status ? "badge good" : "badge idle", read.status ? "normal" : "unknown");
    }
    if (task.unseen_since) {
        const auto& context = content.fleet.context;
        const bool stale = is_stale(task.unseen_since, context.stale_after, context.now);
        out.raw(" ").span("badge warn", stale ? "stale" : "not seen");
        out.raw("<span class=\"sub\">")
            .age(*task.unseen_since, context.now, "unseen for ", "")
            .raw("</span>");
    }
    if (task.reason.text)
        out.span("why", *task.reason.text);
    out.raw("</td>\n");
}

void append_repair(html& out, const std::optional<bool>& needed) {
    out.raw("<td data-label=\"Needs repair\">");
    if (needed == true)
        out.span("badge warn", "yes");
    else
        out.raw(needed ? "no" : "not reported");
    out.raw("</td>\n");
}

void append_row(html& out, const listed_task& listed, const status_content& content) {
    const task_reading& read = listed.task->reading;
    const instance_identity& of = listed.of->identity;
    page_query only;
    only.tasks.instance = of.name;
    out.raw("<tr").attribute("data-key", of.name + "/" + read.name).raw(">\n<th scope=\"row\">");
    out.span("name", read.name);
    if (read.main_task == false)
        out.raw(" <span class=\"badge idle\">temporary</span>");
    out.raw("</th>\n<td data-label=\"Instance\"><a class=\"name\"").attribute("href", link_to(only)).raw(">");
    out.text(of.name).raw("</a></td>\n<td data-label=\"Databases\">");
    out.span("name", read.source_database.value_or("?")).raw(" → ");
    out.span("name", read.target_database.value_or("?")).raw("</td>\n");
    append_status(out, *listed.task, content);
    append_stage(out, read);
    append_progress(out, read);
    out.raw("<td data-label=\"In stage for\">").age(listed.task->stage_changed, content.fleet.now, "", "");
    out.raw("</td>\n");
    append_repair(out, read.needs_repair);
    out.raw("</tr>\n");
}

std::string_view nothing_found(const status_content& content) {
    if (content.totals.tasks == 0)
        return content.totals.not_polled > 0 ? "No task is known yet." : "There are no tasks.";
    return content.tasks_found == 0 ? "No task fits this filter." : "There is nothing on this page.";
}

} // namespace

void append_task_filter(std::string& page, const status_content& content) {
    const page_query& query = content.query;
    html out(page);
    out.raw("<form id=\"filter\" method=\"get\" action=\"./#tasks\" role=\"search\" aria-label=\"Tasks\">\n");
    append_text_field(out, "Search", "search", query.tasks.search, " type=\"search\"");
    append_text_field(out, "Instance", "instance", query.tasks.instance, " list=\"instance-names\"");
    append_names(out, content.fleet);
    append_projects(out, content);
    append_choice(out, "Status", "status", statuses, given(query, "status"));
    append_choice(out, "Stage", "stage", stages, given(query, "stage"));
    append_choice(out, "Needs repair", "needs_repair", flags, given(query, "needs_repair"));
    append_choice(out, "Stale", "stale", flags, given(query, "stale"));
    append_choice(out, "Sorted by", "sort", orders, given(query, "sort"));
    if (const std::string limit = given(query, "limit"); !limit.empty())
        out.raw("<input type=\"hidden\" name=\"limit\"").attribute("value", limit).raw(">\n");
    out.raw("<button type=\"submit\">Show</button>\n<a href=\"./#tasks\">Show all</a>\n</form>\n");
}

void append_tasks_head(std::string& page, const status_content& content) {
    const page_query& query = content.query;
    html out(page);
    out.raw(
        "<table id=\"task-table\">\n<caption class=\"hidden\">Synchronization tasks</caption>\n<thead><tr>");
    append_column(out, query, "Task", task_order::task);
    append_column(out, query, "Instance", task_order::instance);
    out.raw("<th scope=\"col\">Source → target</th>");
    append_column(out, query, "Status", task_order::status);
    append_column(out, query, "Stage", task_order::stage);
    append_column(out, query, "Progress", task_order::percentage);
    append_column(out, query, "In stage for", task_order::stage_changed, true);
    out.raw("<th scope=\"col\">Needs repair</th></tr></thead>\n<tbody>\n");
}

void append_task_rows(std::string& page, const status_content& content) {
    html out(page);
    for (const listed_task& each : content.tasks)
        append_row(out, each, content);
}

void append_tasks_end(std::string& page, const status_content& content) {
    const page_query& query = content.query;
    html out(page);
    if (content.tasks_shown == 0)
        out.raw("<tr><td colspan=\"8\" class=\"empty\">").text(nothing_found(content)).raw("</td></tr>\n");
    out.raw("</tbody>\n</table>\n");
    append_pages(page, "Pages of tasks", {query.tasks.offset, *query.tasks.limit, content.tasks_found},
                 [&query](std::size_t offset) {
                     page_query there = query;
                     there.tasks.offset = offset;
                     return link_to(there) + "#tasks";
                 });
}

} // namespace replmond::exposition
