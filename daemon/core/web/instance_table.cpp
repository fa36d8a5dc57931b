// The section of the status page about the StarRocks instances: folded to one line while all polls succeed.

#include "daemon/core/web/html.hpp"
#include "daemon/core/web/status_page.hpp"

#include <fmt/format.h>

#include <utility>

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
        out.raw(" ").ago(*of.last_poll, now);
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
        out.ago(*of.last_success, now);
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
    flag("badge warn", instance.totals.behind, "behind");
    flag("badge warn", instance.totals.no_progress, "without progress");
    flag("badge bad", instance.totals.gone, "gone");
    flag("badge warn", instance.totals.stale, "outdated");
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

// The line that is left while the section is folded.
std::string summary_of(const fleet_totals& sum) {
    std::string text = fmt::format("StarRocks instances: {}", sum.instances);
    if (sum.failing > 0)
        text += fmt::format(", {} cannot be read", sum.failing);
    if (sum.not_polled > 0)
        text += fmt::format(", {} not polled yet", sum.not_polled);
    return sum.failing + sum.not_polled == 0 ? text + ", all polls succeed" : text;
}

void append_instance_pages(std::string& page, const status_content& content) {
    const std::size_t total = content.fleet.instances().size();
    if (total <= instances_on_a_page && content.query.instances_offset == 0)
        return;
    append_pages(page, "Pages of instances", {content.query.instances_offset, instances_on_a_page, total},
                 [&content](std::size_t offset) {
                     page_query there = content.query;
                     there.instances_offset = offset;
                     return link_to(there) + "#instances";
                 });
}

} // namespace

void append_instances(std::string& page, const status_content& content) {
    if (content.fleet.instances().empty())
        return;
    html out(page);
    const bool folded =
        content.totals.failing + content.totals.not_polled == 0 && content.query.instances_offset == 0;
    out.raw(folded ? "<details id=\"instances\">" : "<details id=\"instances\" open>");
    out.raw("\n<summary><h2>").text(summary_of(content.totals)).raw("</h2></summary>\n");
    const timestamp now = content.fleet.now;
    out.raw("<table id=\"instance-table\">\n<caption class=\"hidden\">StarRocks instances, the worst first"
            "</caption>\n<thead><tr><th scope=\"col\">Instance</th><th scope=\"col\">Last poll</th>"
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
    append_instance_pages(page, content);
    out.raw("</details>\n");
}

} // namespace replmond::web
