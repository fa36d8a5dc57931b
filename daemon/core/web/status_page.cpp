// Makes the status page in steps, with its head and its summary. The other sections are in status_tables.cpp.

#include "daemon/core/web/status_page.hpp"

#include "daemon/core/model/version.hpp"
#include "daemon/core/web/assets.hpp"
#include "daemon/core/web/html.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace replmond::web {

namespace {

constexpr std::size_t rows_in_a_step = 16; // a row is a kilobyte of markup

void append_head(std::string& page, const status_content& content) {
    const std::size_t abnormal = content.totals.of_tasks.abnormal;
    html(page)
        .raw("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
             "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
             "<meta name=\"color-scheme\" content=\"light dark\">\n<title>")
        .raw(abnormal > 0 ? fmt::format("({}) replmond", abnormal) : "replmond")
        .raw("</title>\n<link rel=\"icon\" type=\"image/svg+xml\"")
        .attribute("href", link_to_asset("icon.svg"))
        .raw(">\n<link rel=\"stylesheet\"")
        .attribute("href", link_to_asset("style.css"))
        .raw(">\n<script defer")
        .attribute("src", link_to_asset("script.js"))
        .raw("></script>\n</head>\n");
}

void append_banner(std::string& page, const status_content& content) {
    html(page)
        .raw("<a class=\"skip\" href=\"#tasks\">Skip to the tasks</a>\n<header>\n<h1>replmond</h1>\n"
             "<p class=\"about\">Data synchronization from TaurusDB to StarRocks</p>\n"
             "<nav aria-label=\"Daemon\">\n<a")
        .attribute("href", "." + content.telemetry_path)
        .raw(">Metrics</a>\n<a href=\"./config\">Configuration</a>\n<a href=\"./-/ready\">Ready</a>\n"
             "<a href=\"./-/healthy\">Healthy</a>\n</nav>\n<p id=\"live\">As of ")
        .raw("<time")
        .attribute("datetime", to_rfc3339(content.fleet.now))
        .raw(">")
        .text(to_rfc3339(content.fleet.now).substr(0, 19))
        .raw("Z</time></p>\n</header>\n");
}

void append_count(std::string& page, std::string_view id, std::string_view link, std::string_view kind,
                  std::size_t count, std::string_view word) {
    html(page)
        .raw("<li")
        .attribute("class", count > 0 ? kind : "")
        .raw("><a")
        .attribute("href", link)
        .raw("><b")
        .attribute("id", id)
        .raw(">")
        .raw(std::to_string(count))
        .raw("</b> ")
        .text(word)
        .raw("</a></li>\n");
}

void append_fact(std::string& page, std::string_view name, std::string_view value) {
    html(page).raw("<div><dt>").text(name).raw("</dt><dd>").text(value).raw("</dd></div>\n");
}

void append_facts(std::string& page, const status_content& content) {
    const daemon_facts& daemon = content.daemon;
    html(page).raw("<footer>\n<h2>Daemon</h2>\n<dl>\n");
    append_fact(page, "Version", fmt::format("{} (revision {}, {})", version, revision, compiler));
    html(page)
        .raw("<div><dt>Up for</dt><dd>")
        .age(daemon.started, content.fleet.now, "", "")
        .raw("</dd></div>\n");
    append_fact(page, "Ready", daemon.ready ? "yes" : "no");
    append_fact(page, "Listens on", daemon.addresses);
    append_fact(page, "Configuration", daemon.config_file);
    append_fact(page, "State", daemon.state_path.empty() ? "in memory" : daemon.state_path);
    if (!daemon.shard.empty())
        append_fact(page, "Shard", daemon.shard);
    html(page).raw("</dl>\n</footer>\n");
}

instance_query instances_of(const page_query& query) {
    instance_query instances;
    instances.order = instance_order::severity;
    instances.limit = instances_on_a_page;
    instances.offset = query.instances_offset;
    return instances;
}

// The body of the page: searches for instances and tasks, then the page down to the table of tasks, then some
// rows in each step, then the rest.
class page_job final : public http::reply_body {
public:
    page_job(page_sources sources, page_query query, std::string mistake)
        : sources_(std::move(sources)), look_(sources_.fleet), instances_(instances_of(query)),
          tasks_(query.tasks) {
        content_.query = std::move(query);
        content_.mistake = std::move(mistake);
        content_.telemetry_path = sources_.telemetry_path;
    }

    bool step() override {
        content_.fleet = look_();
        switch (at_) {
        case part::instances:
            if (instances_.step(content_.fleet))
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
    std::size_t bytes() const override { return instances_.bytes() + tasks_.bytes() + text_.bytes(); }
    http::buffer_chain take() override { return text_.take(); }

private:
    enum class part { instances, tasks, top, rows, bottom };

    void append_top();
    bool append_rows();
    void append_bottom();

    page_sources sources_;
    fleet_at_one_moment look_;
    instance_search instances_;
    task_search tasks_;
    part at_ = part::instances;
    std::size_t next_row_ = 0;
    status_content content_; ///< its pointers are valid for one step
    http::growing_body text_;
};

void page_job::append_top() {
    std::string& page = text_.end();
    content_.totals = instances_.sum();
    content_.tasks_found = tasks_.total();
    for (std::size_t place = 0; place < instances_.size(); ++place) {
        const listed_instance each = instances_.at(content_.fleet, place);
        if (each.of != nullptr)
            content_.instances.push_back(each);
    }
    append_head(page, content_);
    html(page).raw("<body>\n");
    append_banner(page, content_);
    html(page).raw("<main>\n");
    if (!content_.mistake.empty())
        html(page).raw("<p class=\"mistake\" role=\"alert\">").text(content_.mistake).raw("</p>\n");
    append_summary(page, content_);
    append_instances(page, content_);
    content_.instances.clear();
    html(page).raw("<section id=\"tasks\" aria-labelledby=\"tasks-title\" tabindex=\"-1\">\n"
                   "<h2 id=\"tasks-title\">Tasks</h2>\n");
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
    content_.events = sources_.events();
    content_.daemon = sources_.facts();
    append_tasks_end(page, content_);
    html(page).raw("</section>\n");
    append_events(page, content_);
    html(page).raw("</main>\n");
    append_facts(page, content_);
    html(page).raw("</body>\n</html>\n");
}

} // namespace

std::unique_ptr<http::reply_body> status_page(page_sources sources, page_query query, std::string mistake) {
    return std::make_unique<page_job>(std::move(sources), std::move(query), std::move(mistake));
}

void append_summary(std::string& page, const status_content& content) {
    const fleet_totals& sum = content.totals;
    html(page).raw("<section aria-label=\"Summary\" class=\"summary\">\n<ul>\n");
    append_count(page, "sum-tasks", "./", "", sum.tasks, "tasks");
    append_count(page, "sum-abnormal", "?status=no", "bad", sum.of_tasks.abnormal, "abnormal");
    append_count(page, "sum-needs_repair", "?needs_repair=true", "warn", sum.of_tasks.needs_repair,
                 "need repair");
    append_count(page, "sum-stale", "?stale=true", "warn", sum.of_tasks.stale, "stale");
    append_count(page, "sum-instances", "#instances", "", sum.instances, "instances");
    append_count(page, "sum-failing", "#instances", "bad", sum.failing, "polls failing");
    append_count(page, "sum-not_polled", "#instances", "", sum.not_polled, "not polled yet");
    html(page).raw("</ul>\n<ul aria-label=\"Tasks by stage\">\n");
    for (const stage each : all_stages) {
        const std::string word(to_string(each));
        append_count(page, "sum-" + word, "?stage=" + word, "",
                     sum.of_tasks.stages[static_cast<std::size_t>(each)], word);
    }
    html(page).raw("</ul>\n</section>\n");
}

void append_pages(std::string& page, std::string_view name, const list_window& window,
                  const std::function<std::string(std::size_t)>& link) {
    const std::size_t before = window.offset - std::min(window.offset, window.limit);
    html out(page);
    out.raw("<nav class=\"pages\"").attribute("aria-label", name).raw(">\n");
    if (window.offset > 0)
        out.raw("<a rel=\"prev\"").attribute("href", link(before)).raw(">Previous</a>\n");
    if (window.offset >= window.total)
        out.raw(window.total == 0 ? "<span>none</span>\n" : "<span>nothing on this page</span>\n");
    else
        out.raw(fmt::format("<span>{}–{} of {}</span>\n", window.offset + 1,
                            std::min(window.total, window.offset + window.limit), window.total));
    if (window.total - std::min(window.total, window.offset) > window.limit)
        out.raw("<a rel=\"next\"").attribute("href", link(window.offset + window.limit)).raw(">Next</a>\n");
    out.raw("</nav>\n");
}

} // namespace replmond::web
