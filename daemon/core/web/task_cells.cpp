// How the state of a task is shown.

#include "daemon/core/web/task_cells.hpp"

#include "daemon/core/model/text.hpp"
#include "daemon/core/web/json_objects.hpp"

#include <fmt/format.h>

namespace replmond::web {

namespace {

void append_badge(html& out, condition value) {
    out.raw(" ").span_words(fmt::format("badge {}", kind_of(value)), to_string(value));
}

void append_stage(html& out, const task_reading& read) {
    out.raw("<span class=\"badge stage ").raw(to_string(read.stage)).raw("\">");
    out.words(to_string(read.stage)).raw("</span>");
    if (read.stage_raw)
        out.raw(" (").span("name", *read.stage_raw).raw(")");
}

void append_catch_up(html& out, const task_reading& read) {
    if (!read.catchup_stage)
        return;
    out.raw("<span class=\"sub\">")
        .words("catch-up: {}", translated(out.in(), to_string(*read.catchup_stage)));
    if (read.catchup_percentage)
        out.raw(" ").raw(to_shortest(*read.catchup_percentage)).raw(" %");
    out.raw("</span>");
}

} // namespace

std::string_view kind_of(condition value) {
    return value == condition::abnormal || value == condition::gone ? "bad" : "warn";
}

shown_task show(const instance_state& of, const task_state& state, const look_time& at) {
    const task_lag* lag = find_lag(of, state.reading.name);
    return {of, state, lag, conditions_of(state, lag, at), at};
}

void append_state(html& out, const shown_task& task) {
    const task_state& state = task.state;
    if (state.unseen_since)
        out.raw("<span class=\"known\">").words("last known: ").raw("</span>");
    append_stage(out, state.reading);
    if (state.reading.status == status::yes)
        out.raw(" ").words("normal");
    for (const condition each : all_conditions) {
        if (task.conditions.contains(each) && each != condition::cancelled && each != condition::outdated)
            append_badge(out, each);
    }
    append_catch_up(out, state.reading);
    if (!state.unseen_since)
        return;
    out.raw("<span class=\"sub\">");
    if (task.conditions.contains(condition::outdated))
        append_badge(out, condition::outdated);
    out.raw(" ").words("not read for {}", age_text(task.at.now.even - *state.unseen_since, out.in()));
    out.raw("</span>");
}

void append_progress(html& out, const task_reading& read) {
    if (!read.percentage) {
        out.words("not reported");
        return;
    }
    const std::string value = to_shortest(*read.percentage);
    out.raw("<progress max=\"100\"")
        .attribute("value", value)
        .attribute("aria-label", translated(out.in(), "Progress of {}", read.name));
    out.raw("></progress> <span class=\"number\">").raw(value).raw(" %</span>");
}

void append_lag(html& out, const shown_task& task) {
    if (task.lag == nullptr) {
        out.words(task.of.lag ? "not read yet" : "not measured");
        return;
    }
    const auto shown = lag_of(task.of, task.state.reading.name, {task.at.now.even, task.at.stale_after});
    const bool high = task.conditions.contains(condition::behind);
    if (shown)
        out.span(high ? "badge warn" : "number", age_text(*shown, out.in()));
    if (task.lag->lag.unread_since)
        out.raw("<span class=\"sub\">")
            .words("not read for {}", age_text(task.at.now.even - *task.lag->lag.unread_since, out.in()))
            .raw("</span>");
}

void append_databases(html& out, const task_reading& read) {
    out.span("name", read.source_database.value_or("?")).raw(" → ");
    out.span("name", read.target_database.value_or("?"));
}

} // namespace replmond::web
