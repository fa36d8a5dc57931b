#pragma once

#include "daemon/core/model/event.hpp"
#include "daemon/core/model/time.hpp"
#include "daemon/core/web/fleet_view.hpp"
#include "daemon/core/web/language.hpp"
#include "daemon/core/web/queries.hpp"

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace replmond::web {

/// What the pages show about the daemon itself.
struct daemon_facts {
    timestamp started{};
    std::string addresses;   ///< the bound addresses, separated by commas
    std::string config_file; ///< as given on the command line
    std::string state_path;  ///< empty: state is kept in memory
    std::string shard;       ///< `i/n`; empty: not sharded
    std::string grafana_url; ///< of the boards, without a slash at the end; empty: not given
    std::string telemetry_path = "/metrics";
    bool ready = false;
};

/// The sources of a page's content. Each function is called when its content is needed, and its pointers are
/// valid for one turn of the loop.
struct page_sources {
    std::function<fleet_view()> fleet;
    std::function<std::vector<const event*>(const event_filter&)> events; ///< newest first
    std::function<daemon_facts()> facts;
};

/// The begin of a page, down to `<main>`.
struct page_frame {
    std::string title;     ///< text before the product's name; empty: the name alone
    std::size_t wrong = 0; ///< how much is wrong: shown in the title and by the icon
    timestamp now{};
    const daemon_facts& daemon;
    bool is_start = false; ///< the status page itself: its name is no link to itself
    language in = language::english;
};
void append_page_begin(std::string& page, const page_frame& frame);

/// From `</main>` to the end: facts about the daemon, the languages. `self`: the link from the page to
/// itself.
void append_page_end(std::string& page, const daemon_facts& daemon, timestamp now, language in,
                     std::string_view self);

/// The link to a board with these values of its variables; empty if `--web.grafana-url` is not given.
std::string link_to_task_board(const daemon_facts& daemon, std::string_view project,
                               std::string_view instance, std::string_view task);

} // namespace replmond::web
