// The page of one task, for somebody who follows a link out of an alert.

#include "daemon/core/web/one_task_page.hpp"

#include "daemon/core/model/condition.hpp"
#include "daemon/core/web/event_table.hpp"
#include "daemon/core/web/html.hpp"
#include "daemon/core/web/query_string.hpp"
#include "daemon/core/web/task_cells.hpp"

#include <fmt/format.h>

#include <functional>
#include <span>
#include <utility>
#include <vector>

namespace replmond::web {

namespace {

using append_value = std::function<void(html&)>;

void append_row(html& out, std::string_view name, const append_value& value) {
    out.raw("<div><dt>").words(name).raw("</dt><dd>");
    value(out);
    out.raw("</dd></div>\n");
}

void append_text(html& out, std::string_view name, std::string_view value) {
    append_row(out, name, [value](html& in) { in.text(value); });
}

void append_words(html& out, std::string_view name, std::string_view english) {
    append_row(out, name, [english](html& in) { in.words(english); });
}

void append_time(html& out, std::string_view name, const std::optional<timestamp>& since, timestamp now) {
    if (since && *since != timestamp())
        append_row(out, name, [&](html& in) { in.lasting(*since, now); });
}

// "abnormal for 12 min since …": a line for each condition.
void append_conditions(html& out, const found_task& found, const shown_task& task) {
    const look_time& at = task.at;
    if (found.departed != nullptr) {
        append_row(out, "Wrong", [&](html& in) {
            in.raw("<p>").span_words("badge bad", to_string(condition::gone)).raw(" ");
            in.lasting(found.departed->at, at.now.wall).raw("</p>");
        });
        return;
    }
    if (task.conditions.empty()) {
        append_words(out, "Wrong", "nothing");
        return;
    }
    append_row(out, "Wrong", [&](html& in) {
        for (const condition each : all_conditions) {
            if (!task.conditions.contains(each))
                continue;
            in.raw("<p>").span_words(fmt::format("badge {}", kind_of(each)), to_string(each)).raw(" ");
            if (const auto since = since_when(each, task.state, task.lag, at))
                in.lasting(*since, at.now.wall);
            in.raw("</p>");
        }
    });
}

void append_lag_rows(html& out, const found_task& found, const shown_task& task) {
    if (!found.of->lag || found.departed != nullptr)
        return;
    append_row(out, "Lag", [&](html& in) { append_lag(in, task); });
    if (task.lag == nullptr)
        return;
    const auto row = [&](std::string_view name, const measurement<timestamp>& of) {
        if (of.value)
            append_row(out, name, [&](html& in) { in.ago(*of.value, task.at.now.wall); });
    };
    row("Newest heartbeat in StarRocks", task.lag->heartbeat);
    row("Newest heartbeat in TaurusDB", task.lag->source_heartbeat);
}

void append_last_read(html& out, const found_task& found, const look_time& at) {
    append_row(out, "Last read", [&](html& in) {
        if (found.departed != nullptr)
            in.words("it is not in the list any more");
        else if (found.task->unseen_since)
            in.words("before ").ago(at.now.wall - (at.now.even - *found.task->unseen_since), at.now.wall);
        else if (found.of->last_success)
            in.ago(*found.of->last_success, at.now.wall);
        else
            in.words("never");
        if (found.of->last_result && *found.of->last_result != poll_result::success && found.of->last_failure)
            in.raw("<p>")
                .span_words("badge bad", to_string(*found.of->last_result))
                .raw(" ")
                .span("why", found.of->last_failure->error_code + " " + found.of->last_failure->error_msg)
                .raw("</p>");
    });
}

void append_identity(html& out, const found_task& found) {
    const instance_identity& of = found.of->identity;
    const task_reading& read = found.task->reading;
    page_query only;
    only.tasks.instance = of.name;
    append_row(out, "Instance", [&](html& in) {
        in.raw("<a class=\"name\"")
            .attribute("href", "./" + link_to(only))
            .raw(">")
            .text(of.name)
            .raw("</a>");
    });
    append_text(out, "Instance id", of.id);
    append_text(out, "Project", of.region.empty() ? of.project : of.project + " · " + of.region);
    append_row(out, "Databases", [&](html& in) { append_databases(in, read); });
    append_words(out, "Kind",
                 !read.main_task   ? "not reported"
                 : *read.main_task ? "main task"
                                   : "temporary task");
}

void append_facts(html& out, const found_task& found, const shown_task& task) {
    const task_state& state = task.state;
    const timestamp now = task.at.now.wall;
    out.raw("<dl class=\"facts\">\n");
    append_conditions(out, found, task);
    if (state.reason.text)
        append_row(out, "Reason", [&](html& in) { in.span("why", *state.reason.text); });
    append_row(out, found.departed != nullptr ? "Last state" : "State",
               [&](html& in) { append_state(in, task); });
    append_time(out, "In this state", in_state_since(state), now);
    append_lag_rows(out, found, task);
    append_row(out, "Progress", [&](html& in) { append_progress(in, state.reading); });
    append_time(out, "In this stage", state.stage_changed, now);
    append_time(out, "With this status", state.status_changed, now);
    append_time(out, "With this progress", state.progress_changed, now);
    append_last_read(out, found, task.at);
    append_identity(out, found);
    out.raw("</dl>\n");
}

void append_links(html& out, const found_task& found, const daemon_facts& daemon) {
    const instance_identity& of = found.of->identity;
    const std::string& name = found.task->reading.name;
    out.raw("<p class=\"links\">");
    if (const std::string board = link_to_task_board(daemon, of.project, of.name, name); !board.empty())
        out.raw("<a").attribute("href", board).raw(">").words("Board of this task").raw("</a> · ");
    const std::string which =
        fmt::format("instance={}&task={}", encode_query_value(of.id), encode_query_value(name));
    if (found.departed == nullptr)
        out.raw("<a").attribute("href", "./api/v1/tasks?" + which).raw(">").words("as JSON").raw("</a> · ");
    out.raw("<a")
        .attribute("href", "./api/v1/events?" + which)
        .raw(">")
        .words("its events as JSON")
        .raw("</a></p>\n");
}

} // namespace

found_task find_task(const fleet_view& fleet, const one_task_query& query) {
    const instance_list& all = fleet.instances();
    for (std::size_t at = place_of(all, {query.starrocks_instance, "", ""}); at < all.size(); ++at) {
        const instance_state& of = *all[at];
        if (of.identity.name != query.starrocks_instance)
            break;
        if (!query.project.empty() && of.identity.project != query.project)
            continue;
        if (const auto listed = of.tasks.find(query.task); listed != of.tasks.end())
            return {&of, &listed->second, nullptr};
        const auto gone = of.departed.find(query.task);
        if (gone != of.departed.end() && is_gone(gone->second, fleet.time()))
            return {&of, &gone->second.state, &gone->second};
    }
    return {};
}

namespace {

std::string whole_page(const fleet_view& fleet, const found_task& found, std::span<const event* const> events,
                       const daemon_facts& daemon, language in) {
    const shown_task task = show(*found.of, *found.task, fleet.time());
    const std::string& name = found.task->reading.name;
    const bool wrong = found.departed != nullptr || !task.conditions.empty();
    std::string page;
    append_page_begin(page, {name, wrong ? 1U : 0U, fleet.now, daemon, false, in});
    html out(page, in);
    out.raw("<h1 class=\"name\">").text(name).raw("</h1>\n");
    append_facts(out, found, task);
    append_links(out, found, daemon);
    out.raw("<section id=\"events\" aria-labelledby=\"events-title\">\n"
            "<h2 id=\"events-title\">")
        .words("Its events")
        .raw("</h2>\n");
    append_event_table(out, events, fleet.now, "Events of this task, newest first",
                       "None of the stored events is about this task.");
    out.raw("</section>\n");
    const instance_identity& of = found.of->identity;
    append_page_end(page, daemon, fleet.now, in, link_to_task(of.project, of.name, name));
    return page;
}

// The body of the page: one step looks through all events, the next one writes the page.
class task_page_job final : public http::reply_body {
public:
    task_page_job(page_sources sources, one_task_query query, language in)
        : sources_(std::move(sources)), query_(std::move(query)), language_(in), look_(sources_.fleet) {}

    bool step() override {
        const fleet_view fleet = look_();
        const found_task found = find_task(fleet, query_);
        if (found.of == nullptr) {
            text_ = no_task_page(query_, fleet.now, sources_.facts(), language_);
            return true;
        }
        if (!std::exchange(has_events_, true)) {
            for (const event* each : sources_.events(events_of(*found.of)))
                events_.push_back(*each);
            return false;
        }
        std::vector<const event*> events;
        for (const event& each : events_)
            events.push_back(&each);
        text_ = whole_page(fleet, found, events, sources_.facts(), language_);
        return true;
    }
    std::size_t bytes() const override { return events_.capacity() * sizeof(event) + text_.capacity(); }
    http::buffer_chain take() override {
        http::buffer_chain all;
        all.add(std::move(text_));
        return all;
    }

private:
    event_filter events_of(const instance_state& of) const {
        event_filter wanted;
        wanted.instance = of.identity.id;
        wanted.task = query_.task;
        wanted.limit = events_of_a_task;
        return wanted;
    }

    page_sources sources_;
    one_task_query query_;
    language language_;
    fleet_at_one_moment look_;
    bool has_events_ = false;
    std::vector<event> events_; ///< copies, since the fleet may forget them between two steps
    std::string text_;
};

} // namespace

std::unique_ptr<http::reply_body> one_task_page(page_sources sources, one_task_query query, language in) {
    return std::make_unique<task_page_job>(std::move(sources), std::move(query), in);
}

std::string no_task_page(const one_task_query& query, timestamp now, const daemon_facts& daemon,
                         language in) {
    return no_task_page(translated(in, "There is no task \"{}\" in an instance \"{}\".", query.task,
                                   query.starrocks_instance),
                        now, daemon, in);
}

std::string no_task_page(std::string_view mistake, timestamp now, const daemon_facts& daemon, language in) {
    std::string page;
    append_page_begin(page, {std::string(translated(in, "No such task")), 0, now, daemon, false, in});
    html(page, in)
        .raw("<h1>")
        .words("No such task")
        .raw("</h1>\n<p class=\"mistake\">")
        .text(mistake)
        .raw("</p>\n<p><a href=\"./\">")
        .words("All tasks")
        .raw("</a></p>\n");
    append_page_end(page, daemon, now, in, "./");
    return page;
}

} // namespace replmond::web
