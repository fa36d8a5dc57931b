// A table of events, for the status page and the page of a task.

#include "daemon/core/web/event_table.hpp"

#include "daemon/core/web/html.hpp"
#include "daemon/core/web/queries.hpp"

#include <variant>

namespace replmond::web {

namespace {

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

std::string_view badge_of(severity level) {
    switch (level) {
    case severity::error:
        return "badge bad";
    case severity::warn:
        return "badge warn";
    default:
        return "badge idle";
    }
}

void append_about(html& out, const event& e) {
    if (e.task.empty()) {
        out.span("name", e.starrocks_instance);
        return;
    }
    out.raw("<a class=\"name\"").attribute("href", link_to_task(e.project, e.starrocks_instance, e.task));
    out.raw(">").text(e.task).raw("</a>").span("sub name", e.starrocks_instance);
}

// The words of the log are English. On a page in another language a screen reader must know.
std::string_view in_english(const html& out) {
    return out.in() == language::english ? "" : " lang=\"en\"";
}

// The message in the language of the page, where the table of texts has it; then the fields as the log has
// them.
void append_what(html& out, const event& e) {
    const std::string_view message = translated(out.in(), e.message);
    const bool is_of_the_log = message == e.message;
    out.raw("<td").label("What").raw(is_of_the_log ? in_english(out) : "").raw(">").text(message);
    if (!is_of_the_log)
        out.raw("<span").raw(in_english(out)).raw(">");
    for (const auto& [key, value] : e.fields)
        append_field(out, key, value);
    out.raw(is_of_the_log ? "</td>" : "</span></td>");
}

void append_event(html& out, const event& e, timestamp now) {
    out.raw("<tr>\n<td").label("When").raw(">").ago(e.time, now).raw("</td>\n<td").label("Level").raw(">");
    out.span(badge_of(e.level), to_string(e.level)).raw("</td>\n<td").label("About").raw(">");
    append_about(out, e);
    out.raw("</td>\n");
    append_what(out, e);
    out.raw("\n</tr>\n");
}

} // namespace

void append_event_table(html& out, std::span<const event* const> events, timestamp now,
                        std::string_view caption, std::string_view when_empty) {
    out.raw("<table id=\"event-table\">\n<caption class=\"hidden\">").words(caption);
    out.raw("</caption>\n<thead><tr>");
    for (const std::string_view title : {"When", "Level", "About", "What"})
        out.raw("<th scope=\"col\">").words(title).raw("</th>");
    out.raw("</tr></thead>\n<tbody>\n");
    for (const event* each : events)
        append_event(out, *each, now);
    if (events.empty())
        out.raw("<tr><td colspan=\"4\" class=\"empty\">").words(when_empty).raw("</td></tr>\n");
    out.raw("</tbody>\n</table>\n");
}

} // namespace replmond::web
