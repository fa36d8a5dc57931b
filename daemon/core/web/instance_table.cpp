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
    if (of.discovered)
        out.raw(" · ").words("discovered");
    out.raw("</span>");
    if (of.note)
        out.raw("<span class=\"why\">").text(*of.note).raw("</span>");
    out.raw("</th>\n");
}

void append_last_poll(html& out, const instance_state& of, timestamp now) {
    out.raw("<td").label("Last poll").raw(">");
    if (!of.last_result) {
        out.span_words("badge idle", "not polled yet").raw("</td>\n");
        return;
    }
    const bool good = *of.last_result == poll_result::success;
    std::string word(translated(out.in(), to_string(*of.last_result)));
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
    out.raw("<td").label("Last success").raw(">");
    if (of.last_success)
        out.ago(*of.last_success, now);
    else
        out.words("never");
    out.raw("</td>\n");
}

void append_task_counts(html& out, const listed_instance& instance) {
    out.raw("<td").label("Tasks").raw(">");
    if (!instance.of->task_count && instance.of->tasks.empty()) {
        out.words("not known").raw("</td>\n");
        return;
    }
    out.raw("<b>").raw(std::to_string(instance.of->tasks.size())).raw("</b>");
    out.raw("<span class=\"sub\">");
    bool first = true;
    for (const stage each : all_stages) {
        if (const std::size_t count = instance.totals.stages[static_cast<std::size_t>(each)]; count > 0)
            out.text(fmt::format("{}{} {}", std::exchange(first, false) ? "" : " · ", count,
                                 translated(out.in(), to_string(each))));
    }
    out.raw("</span>");
    const auto flag = [&out](std::string_view kind, std::size_t count, std::string_view words) {
        if (count > 0)
            out.raw(" ").span(kind, translated(out.in(), words, count));
    };
    flag("badge bad", instance.totals.abnormal, "{} abnormal");
    flag("badge warn", instance.totals.needs_repair, "{} need repair");
    flag("badge warn", instance.totals.behind, "{} behind");
    flag("badge warn", instance.totals.no_progress, "{} without progress");
    flag("badge bad", instance.totals.gone, "{} gone");
    flag("badge warn", instance.totals.stale, "{} outdated");
    out.raw("</td>\n");
}

void append_next_poll(html& out, const instance_state& of, timestamp now) {
    out.raw("<td").label("Next poll").raw(">");
    if (!of.next_poll)
        out.words("not known");
    else if (*of.next_poll <= now)
        out.words("now");
    else
        out.words("in {}", age_text(*of.next_poll - now, out.in()));
    out.raw("<span class=\"sub\">").words("every {}", age_text(of.interval, out.in())).raw("</span></td>\n");
}

// The line that is left while the section is folded.
std::string summary_of(const fleet_totals& sum, language in) {
    std::string text = translated(in, "StarRocks instances: {}", sum.instances);
    if (sum.failing > 0)
        text += translated(in, ", {} cannot be read", sum.failing);
    if (sum.not_polled > 0)
        text += translated(in, ", {} not polled yet", sum.not_polled);
    if (sum.failing + sum.not_polled == 0)
        text += translated(in, ", all polls succeed");
    return text;
}

void append_instance_pages(html& out, const status_content& content) {
    const std::size_t total = content.fleet.instances().size();
    if (total <= instances_on_a_page && content.query.instances_offset == 0)
        return;
    append_pages(out, "Pages of instances", {content.query.instances_offset, instances_on_a_page, total},
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
    html out(page, content.in);
    const bool folded =
        content.totals.failing + content.totals.not_polled == 0 && content.query.instances_offset == 0;
    out.raw(folded ? "<details id=\"instances\">" : "<details id=\"instances\" open>");
    out.raw("\n<summary><h2>").text(summary_of(content.totals, content.in)).raw("</h2></summary>\n");
    const timestamp now = content.fleet.now;
    out.raw("<table id=\"instance-table\">\n<caption class=\"hidden\">")
        .words("StarRocks instances, the worst first")
        .raw("</caption>\n<thead><tr>");
    for (const std::string_view title : {"Instance", "Last poll", "Last success", "Tasks", "Next poll"})
        out.raw("<th scope=\"col\">").words(title).raw("</th>");
    out.raw("</tr></thead>\n<tbody>\n");
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
    append_instance_pages(out, content);
    out.raw("</details>\n");
}

} // namespace replmond::web
