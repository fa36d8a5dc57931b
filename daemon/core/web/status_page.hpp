#pragma once

#include "daemon/core/http/reply_body.hpp"
#include "daemon/core/model/event.hpp"
#include "daemon/core/model/time.hpp"
#include "daemon/core/web/fleet_view.hpp"
#include "daemon/core/web/queries.hpp"
#include "daemon/core/web/search.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace replmond::web {

/// What the status page says of the daemon itself.
struct daemon_facts {
    timestamp started{};
    std::string addresses;   ///< bound, comma separated
    std::string config_file; ///< as given
    std::string state_path;  ///< empty: in memory
    std::string shard;       ///< `i/n`; empty: not sharded
    bool ready = false;
};

inline constexpr std::size_t instances_on_a_page = 10;
inline constexpr std::size_t events_on_a_page = 20;

/// Where the page gets what it shows; each is asked when it is needed, and gives what holds for one turn of
/// the loop.
struct page_sources {
    std::function<fleet_view()> fleet;
    std::function<std::vector<const event*>()> events; ///< the latest, newest first
    std::function<daemon_facts()> facts;
    std::string telemetry_path;
};

/// What the sections of the page are made of.
struct status_content {
    fleet_view fleet;
    page_query query;
    std::string mistake;                    ///< in the query; empty: none
    std::vector<listed_instance> instances; ///< those shown
    fleet_totals totals;                    ///< of all
    std::vector<listed_task> tasks;         ///< some of those shown
    std::size_t tasks_shown = 0;
    std::size_t tasks_found = 0;      ///< that fit the filters
    std::vector<const event*> events; ///< newest first
    daemon_facts daemon;
    std::string telemetry_path;
};

/// The page, whole without a script. Links are relative, so that it can stand behind a proxy under a path of
/// its own. `mistake`: in the query, which is shown; empty: none. One pass over the tasks that its filters
/// may fit, and no other one where the fleet's totals are remembered.
std::unique_ptr<http::reply_body> status_page(page_sources sources, page_query query, std::string mistake);

/// Its sections.
void append_summary(std::string& page, const status_content& content);
void append_instances(std::string& page, const status_content& content);
void append_task_filter(std::string& page, const status_content& content);
void append_tasks_head(std::string& page, const status_content& content);
void append_task_rows(std::string& page, const status_content& content);
void append_tasks_end(std::string& page, const status_content& content);
void append_events(std::string& page, const status_content& content);

/// One window into a longer list.
struct list_window {
    std::size_t offset = 0;
    std::size_t limit = 0;
    std::size_t total = 0;
};

/// Links to the windows before and after. `name`: of the list, for who cannot see where they stand; `link`
/// gives the link to a window from its offset.
void append_pages(std::string& page, std::string_view name, const list_window& window,
                  const std::function<std::string(std::size_t)>& link);

} // namespace replmond::web
