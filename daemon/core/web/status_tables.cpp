// The sections of the status page: instances, tasks, events.

#include "daemon/core/model/text.hpp"
#include "daemon/core/web/html.hpp"
#include "daemon/core/web/status_page.hpp"

#include <fmt/format.h>

#include <array>
#include <set>

namespace replmond::web {

namespace {

void append_name(html& out, const instance_state& of) {
    page_query only;
    only.tasks.instance = of.identity.name;
    out.raw("<th scope=\"row\"><a class=\"name\"")
        .attribute("href", link_to(only))
        .raw(">")
        .text(of.identity.name);
    out.raw("</a><span class=\"sub\">").text(of.identity.project);
    if (!of.identity.region.empty())
        out.raw(" · ").text(of.identity.region);
    out.raw(of.discovered ? " · discovered</span>" : "</span>");
    if (of.note)
        out.raw("<span class=\"why\">").text(*of.note).raw("</span>");
    out.raw("</th>\n");
}

void append_last_poll(html& out, const instance_state& of, timestamp now) {
    out.raw("<td data-label=\"Last poll\">");
    if (!of.last_result) {
        out.span("badge idle", "not polled yet").raw("</td>\n");
        return;
    }
    const bool good = *of.last_result == poll_result::success;
    std::string word(to_string(*of.last_result));
    if (of.last_failure && of.last_failure->http_status != 0)
        word += fmt::format(" {}", of.last_failure->http_status);
    out.span(good ? "badge good" : "badge bad", word);
    if (of.last_poll)
        out.raw("<span class=\"sub\">").age(*of.last_poll, now).raw("</span>");
    if (of.last_failure) {
        const failure& why = *of.last_failure;
        out.raw("<span class=\"why\">").text(why.error_code).raw(why.error_code.empty() ? "" : " ");
        out.text(why.error_msg).raw("</span>");
    }
    out.raw("</td>\n");
}

void append_last_success(html& out, const instance_state& of, timestamp now) {
    out.raw("<td data-label=\"Last success\">");
    if (of.last_success)
        out.age(*of.last_success, now);
    else
        out.raw("never");
    out.raw("</td>\n");
}

void append_task_counts(html& out, const listed_instance& instance) {
    out.raw("<td data-label=\"Tasks\">");
    if (!instance.of->task_count && instance.of->tasks.empty()) {
        out.raw("not known</td>\n");
        return;
    }
    out.raw("<b>").raw(std::to_string(instance.of->tasks.size())).raw("</b>");
    out.raw("<span class=\"sub\">");
    bool first = true;
    for (const stage each : all_stages) {
        if (const std::size_t count = instance.totals.stages[static_cast<std::size_t>(each)]; count > 0)
            out.raw(fmt::format("{}{} {}", std::exchange(first, false) ? "" : " · ", count, to_string(each)));
    }
    out.raw("</span>");
    const auto flag = [&out](std::string_view kind, std::size_t count, std::string_view word) {
        if (count > 0)
            out.raw(" ").span(kind, fmt::format("{} {}", count, word));
    };
    flag("badge bad", instance.totals.abnormal, "abnormal");
    flag("badge warn", instance.totals.needs_repair, "need repair");
    flag("badge warn", instance.totals.stale, "stale");
    out.raw("</td>\n");
}

void append_next_poll(html& out, const instance_state& of, timestamp now) {
    out.raw("<td data-label=\"Next poll\">");
    if (!of.next_poll)
        out.raw("not known");
    else if (*of.next_poll <= now)
        out.raw("now");
    else
        out.raw("in ").text(age_text(*of.next_poll - now));
    out.raw("<span class=\"sub\">every ").text(age_text(of.interval)).raw("</span></td>\n");
}

void append_field(html& out, std::string_view key, const field_value& value) {
    out.raw(" <span class=\"field\">").text(key).raw("=");
    if (const auto* text = std::get_if<std::string>(&value))
        out.text(*text);
    else if (const auto* number = std::get_if<decimal>(&value))
        out.text(number->text);
    else
        out.raw(std::get<bool>(value) ? "true" : "false");
    out.raw("</span>");
}

std::string_view kind_of(severity level) {
    switch (level) {
    case severity::error:
        return "badge bad";
    case severity::warn:
        return "badge warn";
    default:
        return "badge idle";
    }
}

void append_event(html& out, const event& e, timestamp now) {
    out.raw("<tr>\n<td data-label=\"When\">").age(e.time, now).raw("</td>\n<td data-label=\"Level\">");
    out.span(kind_of(e.level), to_string(e.level)).raw("</td>\n<td data-label=\"About\">");
    out.span("name", e.starrocks_instance);
    if (!e.task.empty())
        out.raw(" / ").span("name", e.task);
    out.raw("</td>\n<td data-label=\"What\">").text(e.message);
    for (const auto& [key, value] : e.fields)
        append_field(out, key, value);
    out.raw("</td>\n</tr>\n");
}

} // namespace

void append_instances(std::string& page, const status_content& content) {
    html out(page);
    out.raw("<section id=\"instances\" aria-labelledby=\"instances-title\">\n"
            "<h2 id=\"instances-title\">StarRocks instances</h2>\n");
    if (content.fleet.instances().empty()) {
        out.raw(
            "<p class=\"empty\">No instances are watched: none is configured, and none was discovered.</p>\n"
            "</section>\n");
        return;
    }
    const timestamp now = content.fleet.now;
    out.raw("<table id=\"instance-table\">\n<caption class=\"hidden\">StarRocks instances, what needs a look "
            "first</caption>\n<thead><tr><th scope=\"col\">Instance</th><th scope=\"col\">Last poll</th>"
            "<th scope=\"col\">Last success</th><th scope=\"col\">Tasks</th><th scope=\"col\">Next poll</th>"
            "</tr></thead>\n<tbody>\n");
    for (const listed_instance& each : content.instances) {
        out.raw("<tr").attribute("data-key", each.of->identity.name).raw(">\n");
        append_name(out, *each.of);
        append_last_poll(out, *each.of, now);
        append_last_success(out, *each.of, now);
        append_task_counts(out, each);
        append_next_poll(out, *each.of, now);
        out.raw("</tr>\n");
    }
    out.raw("</tbody>\n</table>\n");
    if (content.fleet.instances().size() > instances_on_a_page || content.query.instances_offset > 0)
        append_pages(page, "Pages of instances",
                     {content.query.instances_offset, instances_on_a_page, content.fleet.instances().size()},
                     [&content](std::size_t offset) {
                         page_query there = content.query;
                         there.instances_offset = offset;
                         const std::string link = link_to(there);
                         return link + "#instances";
                     });
    out.raw("</section>\n");
}

void append_events(std::string& page, const status_content& content) {
    html out(page);
    out.raw("<section id=\"events\" aria-labelledby=\"events-title\">\n<h2 id=\"events-title\">Recent "
            "events</h2>\n");
    out.raw("<table id=\"event-table\">\n<caption class=\"hidden\">Recent events, newest first</caption>\n"
            "<thead><tr><th scope=\"col\">When</th><th scope=\"col\">Level</th><th scope=\"col\">About</th>"
            "<th scope=\"col\">What</th></tr></thead>\n<tbody>\n");
    for (const event* each : content.events)
        append_event(out, *each, content.fleet.now);
    if (content.events.empty())
        out.raw("<tr><td colspan=\"4\" class=\"empty\">Nothing has happened yet.</td></tr>\n");
    out.raw(
        "</tbody>\n</table>\n<p><a href=\"./api/v1/events\">All kept events as JSON</a></p>\n</section>\n");
}

namespace {

struct option {
    std::string_view value;
    std::string_view text;
};

constexpr std::array status_options = {option{"", "any"}, option{"no", "abnormal"}, option{"yes", "normal"},
                                       option{"unknown", "unknown"}};
constexpr std::array stages = {option{"", "any"},           option{"wait", "wait"},
                               option{"full", "full"},      option{"incremental", "incremental"},
                               option{"paused", "paused"},  option{"cancelled", "cancelled"},
                               option{"unknown", "unknown"}};
constexpr std::array flags = {option{"", "any"}, option{"true", "yes"}, option{"false", "no"}};
constexpr std::array order_options = {option{"", "what needs a look first"},
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
        options.push_back({name, name});
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

void append_percentage(html& out, const task_reading& read) {
    if (!read.percentage) {
        out.raw("not reported");
        return;
    }
    const std::string value = to_shortest(*read.percentage);
    out.raw("<progress max=\"100\"")
        .attribute("value", value)
        .attribute("aria-label", "Progress of " + read.name);
    out.raw("></progress> <span class=\"number\">").raw(value).raw(" %</span>");
}

void append_progress(html& out, const listed_task& listed, const metrics::render_context& context) {
    out.raw("<td data-label=\"Progress\">");
    append_percentage(out, listed.task->reading);
    if (const auto lag = lag_of(*listed.of, listed.task->reading.name, context))
        out.span("sub", "lag " + age_text(*lag));
    out.raw("</td>\n");
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
    append_progress(out, listed, content.fleet.context);
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
    append_choice(out, "Status", "status", status_options, given(query, "status"));
    append_choice(out, "Stage", "stage", stages, given(query, "stage"));
    append_choice(out, "Needs repair", "needs_repair", flags, given(query, "needs_repair"));
    append_choice(out, "Stale", "stale", flags, given(query, "stale"));
    append_choice(out, "Sorted by", "sort", order_options, given(query, "sort"));
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

} // namespace replmond::web
