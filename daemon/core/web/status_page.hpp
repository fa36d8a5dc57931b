#pragma once

#include "daemon/core/http/reply_body.hpp"
#include "daemon/core/model/event.hpp"
#include "daemon/core/model/time.hpp"
#include "daemon/core/web/fleet_view.hpp"
#include "daemon/core/web/html.hpp"
#include "daemon/core/web/language.hpp"
#include "daemon/core/web/page_frame.hpp"
#include "daemon/core/web/problems.hpp"
#include "daemon/core/web/queries.hpp"
#include "daemon/core/web/search.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace replmond::web {

inline constexpr std::size_t problems_on_a_page = 20;
inline constexpr std::size_t instances_on_a_page = 10;
inline constexpr std::size_t events_on_a_page = 20;

/// The content of the page's sections.
struct status_content {
    language in = language::english;
    fleet_view fleet;
    page_query query;
    std::string mistake;                    ///< an error in the query; empty: none
    std::vector<failing_group> groups;      ///< failing instances
    std::size_t other_groups = 0;           ///< groups that are not among them
    std::vector<listed_problem> problems;   ///< tasks with something wrong, the worst first
    std::size_t problem_count = 0;          ///< the number of all such tasks
    std::vector<listed_instance> instances; ///< the instances that are shown
    fleet_totals totals;                    ///< of the whole fleet
    std::vector<listed_task> tasks;         ///< the tasks whose rows are appended in this step
    std::size_t tasks_shown = 0;
    std::size_t tasks_found = 0;      ///< the number of tasks that fit the filters
    std::vector<const event*> events; ///< newest first
    daemon_facts daemon;
};

/// The status page (the contract, HTTP): what is wrong, all tasks, recent events, instances. It is complete
/// without JavaScript. Its links are relative, so that a proxy may serve it below any path. `mistake`: an
/// error in the query, which the page shows; empty: none. It needs one pass over the tasks of the instances
/// that the filters admit, one over those of instances with something wrong, and one over the others only if
/// their totals are not cached.
std::unique_ptr<http::reply_body> status_page(page_sources sources, page_query query, std::string mistake,
                                              language in = language::english);

/// Append the sections of the page.
void append_problems(std::string& page, const status_content& content);
void append_counts(std::string& page, const status_content& content);
void append_task_filter(std::string& page, const status_content& content);
void append_tasks_head(std::string& page, const status_content& content);
void append_task_rows(std::string& page, const status_content& content);
void append_tasks_end(std::string& page, const status_content& content);
void append_instances(std::string& page, const status_content& content);

/// The part of a list that is shown on one page.
struct list_window {
    std::size_t offset = 0;
    std::size_t limit = 0;
    std::size_t total = 0;
};

/// Appends the links to the previous and the next part of a list. `name`: the list's name, for screen
/// readers. `link` returns the link to the part that begins at an offset.
void append_pages(html& out, std::string_view name, const list_window& window,
                  const std::function<std::string(std::size_t)>& link);

} // namespace replmond::web
