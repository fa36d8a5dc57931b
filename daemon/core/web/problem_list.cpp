// The first section of the status page: what is wrong now, one line a thing, or one line that nothing is.

#include "daemon/core/model/text.hpp"
#include "daemon/core/web/html.hpp"
#include "daemon/core/web/status_page.hpp"
#include "daemon/core/web/task_cells.hpp"

#include <fmt/format.h>

#include <string>
#include <utility>

namespace replmond::web {

namespace {

constexpr std::size_t longest_reason = 300; // bytes; the page of the task has all of it

void append_since(html& out, const std::optional<timestamp>& since, timestamp now) {
    if (since)
        out.raw(" <span class=\"since\">").lasting(*since, now).raw("</span>");
}

void append_reason(html& out, std::string_view text) {
    if (text.empty())
        return;
    const bool whole = text.size() <= longest_reason;
    out.raw(" ").span("why", cut_between_characters(text, longest_reason) + (whole ? "" : "…"));
}

// What the badges do not say already.
std::string detail_of(const listed_problem& problem, const look_time& at, language in) {
    const task_reading& read = problem.task->reading;
    switch (problem.worst) {
    case condition::gone:
        return translated(in, "not listed any more; it was {}", translated(in, to_string(read.stage)));
    case condition::behind: {
        const auto lag = lag_of(*problem.of, read.name, {at.now.even, at.stale_after});
        return lag ? translated(in, "StarRocks is {} behind", age_text(*lag, in)) : "";
    }
    case condition::no_progress:
        return read.stage == stage::full && read.percentage
                   ? translated(in, "full, at {} %", to_shortest(*read.percentage))
                   : translated(in, "in stage {}", translated(in, to_string(read.stage)));
    case condition::cancelled:
        return std::string(translated(in, "still listed, but nothing is synchronized"));
    default:
        return {};
    }
}

void append_badges(html& out, const listed_problem& problem) {
    out.raw("<span class=\"badges\">");
    if (problem.gone)
        out.span_words("badge bad", to_string(condition::gone));
    bool first = true;
    for (const condition each : all_conditions) {
        if (!problem.conditions.contains(each))
            continue;
        out.raw(std::exchange(first, false) ? "" : " ");
        out.span_words(fmt::format("badge {}", kind_of(each)), to_string(each));
    }
    out.raw("</span>");
}

void append_task_line(html& out, const listed_problem& problem, const look_time& at) {
    const instance_identity& of = problem.of->identity;
    const std::string& name = problem.task->reading.name;
    out.raw("<li").attribute("data-key", of.name + "/" + name).raw(">");
    append_badges(out, problem);
    out.raw(" <a class=\"name\"").attribute("href", link_to_task(of.project, of.name, name)).raw(">");
    out.text(name).raw("</a> ").span("of name", of.name);
    append_since(out, problem.since, at.now.wall);
    const bool asked = problem.conditions.contains(condition::abnormal) ||
                       problem.conditions.contains(condition::needs_repair);
    append_reason(out, asked ? problem.task->reason.text.value_or("") : detail_of(problem, at, out.in()));
    out.raw("</li>\n");
}

// Such as `http 403 DBS.200022: no permission`.
std::string what_failed(const failing_group& group, language in) {
    std::string text(translated(in, to_string(group.result)));
    if (!group.why)
        return text;
    if (group.why->http_status != 0)
        text += fmt::format(" {}", group.why->http_status);
    if (!group.why->error_code.empty())
        text += ' ' + group.why->error_code;
    if (!group.why->error_msg.empty())
        text += ": " + group.why->error_msg;
    return text;
}

void append_group_line(html& out, const failing_group& group, timestamp now) {
    page_query there;
    if (group.instances == 1)
        there.tasks.instance = group.instance;
    out.raw("<li")
        .attribute("data-key", group.project + "//" + what_failed(group, language::english))
        .raw(">");
    out.raw("<span class=\"badges\">")
        .span_words("badge bad", "cannot be read")
        .raw("</span> <a class=\"name\"");
    out.attribute("href", group.instances == 1 ? link_to(there) + "#tasks" : "#instances").raw(">");
    if (group.instances == 1)
        out.text(group.instance);
    else
        out.words("{} instances of {}", group.instances, group.project);
    out.raw("</a>");
    append_since(out, group.since, now);
    append_reason(out, what_failed(group, out.in()));
    out.raw("</li>\n");
}

// The page of somebody who has just installed it.
void append_first_steps(html& out, const daemon_facts& daemon) {
    out.raw("<p>").words("Write what to watch into ").raw("<code>").text(daemon.config_file);
    out.raw(
           "</code>:</p>\n<pre>projects:\n  - name: prod\n    region: ap-southeast-3\n    auth: {type: aksk, "
           "access_key_file: ak, secret_key_file: sk}\n    discover: {interval: 10m}   # ")
        .words("every StarRocks instance of the project")
        .raw("\ninstances:                     # ")
        .words("and single ones, or only these")
        .raw("\n  - name: orders\n    id: 0123456789abcdef0123456789abcdefin17   # ")
        .words("36 characters, from the console")
        .raw("</pre>\n<p>");
    out.words("Check it with ").raw("<code>replmond check-config ").text(daemon.config_file).raw("</code>");
    out.words(", then have it read: ").raw("<code>systemctl reload replmond</code>");
    out.words(", or send SIGHUP.").raw("</p>\n");
}

void append_others(html& out, const status_content& content) {
    if (content.other_groups > 0)
        out.raw("<p>").words("And {} other failures of polls.", content.other_groups).raw("</p>\n");
    const std::size_t others = content.problem_count - content.problems.size();
    if (others == 0 || content.problems.empty())
        return;
    page_query all;
    all.tasks.wrong = true;
    out.raw("<p>").words("And {} more: ", others).raw("<a").attribute("href", link_to(all) + "#tasks");
    out.raw(">").words("all tasks with something wrong").raw("</a>").words(".").raw("</p>\n");
}

} // namespace

void append_problems(std::string& page, const status_content& content) {
    html out(page, content.in);
    const fleet_totals& sum = content.totals;
    const bool calm = sum.wrong() == 0;
    out.raw("<section id=\"wrong\" aria-labelledby=\"wrong-title\"")
        .attribute("class", calm ? (sum.not_polled > 0 || sum.instances == 0 ? "unknown" : "calm") : "alarm")
        .raw(">\n<h2 id=\"wrong-title\">")
        .text(headline(sum, content.fleet.now, content.in))
        .raw("</h2>\n");
    if (sum.instances == 0)
        append_first_steps(out, content.daemon);
    if (!content.groups.empty() || !content.problems.empty())
        out.raw("<ol class=\"problems\">\n");
    std::size_t next = 0; // abnormal tasks, then what cannot be read, then all else
    for (; next < content.problems.size() && content.problems[next].worst == condition::abnormal; ++next)
        append_task_line(out, content.problems[next], content.fleet.time());
    for (const failing_group& each : content.groups)
        append_group_line(out, each, content.fleet.now);
    for (; next < content.problems.size(); ++next)
        append_task_line(out, content.problems[next], content.fleet.time());
    if (!content.groups.empty() || !content.problems.empty())
        out.raw("</ol>\n");
    append_others(out, content);
    out.raw("</section>\n");
}

} // namespace replmond::web
