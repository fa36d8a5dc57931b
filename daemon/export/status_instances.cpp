// The sections of the status page about instances and events.
#include "daemon/export/html.hpp"
#include "daemon/export/status_page.hpp"

#include <fmt/format.h>

namespace replmond::exposition {
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

} // namespace replmond::exposition
