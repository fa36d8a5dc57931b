// Makes the status page in steps: searches first, then section by section. The sections are in problem_list,
// task_table, event_table and instance_table.

#include "daemon/core/web/status_page.hpp"

#include "daemon/core/web/event_table.hpp"
#include "daemon/core/web/html.hpp"

#include <algorithm>
#include <utility>

namespace replmond::web {

namespace {

constexpr std::size_t rows_in_a_step = 16; // a row is a kilobyte of markup

instance_query instances_of(const page_query& query) {
    instance_query instances;
    instances.order = instance_order::severity;
    instances.limit = instances_on_a_page;
    instances.offset = query.instances_offset;
    return instances;
}

// Events of the daemon itself are not stored, so they are not among these.
event_filter events_of(const page_query& query) {
    event_filter wanted;
    wanted.limit = events_on_a_page;
    wanted.level = query.all_events ? severity::debug : severity::warn;
    return wanted;
}

void append_events(std::string& page, const status_content& content) {
    const bool all = content.query.all_events;
    page_query other = content.query;
    other.all_events = !all;
    html out(page, content.in);
    out.raw("<section id=\"events\" aria-labelledby=\"events-title\">\n<h2 id=\"events-title\">")
        .words(all ? "Recent events" : "Recent warnings and errors")
        .raw("</h2>\n");
    append_event_table(out, content.events, content.fleet.now, "Recent events, newest first",
                       all ? "Nothing has happened yet."
                           : "No warning and no error is among the stored events.");
    out.raw("<p><a").attribute("href", link_to(other) + "#events");
    out.raw(">").words(all ? "Warnings and errors only" : "All events");
    out.raw("</a> · <a href=\"./api/v1/events\">").words("as JSON").raw("</a></p>\n</section>\n");
}

// The body of the page: three searches, then the page down to the table of tasks, then some rows in each
// step, then the rest.
class page_job final : public http::reply_body {
public:
    page_job(page_sources sources, page_query query, std::string mistake, language in)
        : sources_(std::move(sources)), look_(sources_.fleet), instances_(instances_of(query)),
          problems_(problems_on_a_page), tasks_(query.tasks) {
        content_.in = in;
        content_.query = std::move(query);
        content_.mistake = std::move(mistake);
    }

    bool step() override {
        content_.fleet = look_();
        switch (at_) {
        case part::instances:
            if (instances_.step(content_.fleet))
                at_ = part::problems;
            break;
        case part::problems:
            if (problems_.step(content_.fleet))
                at_ = part::tasks;
            break;
        case part::tasks:
            if (tasks_.step(content_.fleet))
                at_ = part::top;
            break;
        case part::top:
            append_top();
            at_ = part::rows;
            break;
        case part::rows:
            if (append_rows())
                at_ = part::bottom;
            break;
        case part::bottom:
            append_bottom();
            return true;
        }
        return false;
    }
    std::size_t bytes() const override {
        return instances_.bytes() + problems_.bytes() + tasks_.bytes() + text_.bytes();
    }
    http::buffer_chain take() override { return text_.take(); }

private:
    enum class part { instances, problems, tasks, top, rows, bottom };

    void append_top();
    void find_problems();
    void find_instances();
    bool append_rows();
    void append_bottom();

    page_sources sources_;
    fleet_at_one_moment look_;
    instance_search instances_;
    problem_search problems_;
    task_search tasks_;
    part at_ = part::instances;
    std::size_t next_row_ = 0;
    status_content content_; ///< its pointers are valid for one step
    http::growing_body text_;
};

void page_job::find_problems() {
    content_.groups = problems_.groups();
    content_.other_groups = problems_.other_groups();
    content_.problem_count = problems_.total();
    for (std::size_t place = 0; place < problems_.size(); ++place) {
        listed_problem each = problems_.at(content_.fleet, place);
        if (each.of != nullptr)
            content_.problems.push_back(std::move(each));
    }
}

void page_job::find_instances() {
    for (std::size_t place = 0; place < instances_.size(); ++place) {
        const listed_instance each = instances_.at(content_.fleet, place);
        if (each.of != nullptr)
            content_.instances.push_back(each);
    }
}

void page_job::append_top() {
    std::string& page = text_.end();
    content_.totals = instances_.sum();
    content_.tasks_found = tasks_.total();
    content_.daemon = sources_.facts();
    append_page_begin(page,
                      {"", content_.totals.wrong(), content_.fleet.now, content_.daemon, true, content_.in});
    html out(page, content_.in);
    if (!content_.mistake.empty())
        out.raw("<p class=\"mistake\" role=\"alert\">").text(content_.mistake).raw("</p>\n");
    find_problems();
    append_problems(page, content_);
    content_.problems.clear();
    out.raw("<section id=\"tasks\" aria-labelledby=\"tasks-title\" tabindex=\"-1\">\n"
            "<h2 id=\"tasks-title\">")
        .words("Tasks")
        .raw("</h2>\n");
    append_counts(page, content_);
    append_task_filter(page, content_);
    append_tasks_head(page, content_);
}

bool page_job::append_rows() {
    const std::size_t until = std::min(tasks_.size(), next_row_ + rows_in_a_step);
    for (; next_row_ < until; ++next_row_) {
        const listed_task each = tasks_.at(content_.fleet, next_row_);
        if (each.task != nullptr)
            content_.tasks.push_back(each);
    }
    append_task_rows(text_.end(), content_);
    content_.tasks_shown += content_.tasks.size();
    content_.tasks.clear();
    text_.cut();
    return next_row_ == tasks_.size();
}

void page_job::append_bottom() {
    std::string& page = text_.end();
    append_tasks_end(page, content_);
    html(page).raw("</section>\n");
    content_.events = sources_.events(events_of(content_.query));
    append_events(page, content_);
    find_instances();
    append_instances(page, content_);
    append_page_end(page, content_.daemon, content_.fleet.now, content_.in, link_to(content_.query));
}

} // namespace

std::unique_ptr<http::reply_body> status_page(page_sources sources, page_query query, std::string mistake,
                                              language in) {
    return std::make_unique<page_job>(std::move(sources), std::move(query), std::move(mistake), in);
}

void append_pages(html& out, std::string_view name, const list_window& window,
                  const std::function<std::string(std::size_t)>& link) {
    const std::size_t before = window.offset - std::min(window.offset, window.limit);
    out.raw("<nav class=\"pages\"").attribute("aria-label", translated(out.in(), name)).raw(">\n");
    if (window.offset > 0)
        out.raw("<a rel=\"prev\"").attribute("href", link(before)).raw(">").words("Previous").raw("</a>\n");
    if (window.offset >= window.total)
        out.raw("<span>").words(window.total == 0 ? "none" : "nothing on this page").raw("</span>\n");
    else
        out.raw("<span>")
            .words("{}–{} of {}", window.offset + 1, std::min(window.total, window.offset + window.limit),
                   window.total)
            .raw("</span>\n");
    if (window.total - std::min(window.total, window.offset) > window.limit)
        out.raw("<a rel=\"next\"")
            .attribute("href", link(window.offset + window.limit))
            .raw(">")
            .words("Next")
            .raw("</a>\n");
    out.raw("</nav>\n");
}

} // namespace replmond::web
