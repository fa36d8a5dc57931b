// What the HTTP side of the daemon is told by the other parts.
#include "daemon/cli/daemon.hpp"
#include "daemon/config/dump.hpp"
#include "daemon/export/event_line.hpp"
#include "daemon/monitor/clocks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace replmond::cli {

using monitor::even_clock;

std::string daemon::metrics_text(exposition::format as) {
    const auto& plan = fleet_.lanes().plan();
    for (const auto& [name, key] : roster_.projects())
        metrics_.budget(name, plan.requests_in_window(key, fleet_.lanes().up()), plan.waited_for_budget(key),
                        plan.stretched(key));
    const auto depth = journal_.depth();
    metrics_.journal(depth.lines + depth.unsaved_events, depth.dropped_lines + depth.dropped_events);
    std::string text;
    page_.append_to(text, even_clock(), as);
    metrics_.append_to(text, as);
    return text;
}

exposition::web_sources daemon::web_sources(bool may_reload) {
    exposition::web_sources sources;
    sources.metrics = [this](exposition::format as) { return metrics_text(as); };
    if (may_reload)
        sources.reload = [this] { return reload(); };
    sources.config = [this] { return config::dump(settings_); };
    sources.ready = [this] { return fleet_.ready() && !stopping_; };
    sources.events = [this](const exposition::event_filter& wanted) { return events_json(wanted); };
    sources.landing_facts = [this] { return landing_facts(); };
    sources.count = [this](std::string_view handler, int code) { metrics_.http_request(handler, code); };
    sources.now = [] { return std::chrono::steady_clock::now(); };
    return sources;
}

std::string daemon::events_json(const exposition::event_filter& wanted) const {
    std::string array = "[";
    std::size_t count = 0;
    const auto& latest = keeper_.latest();
    for (auto kept = latest.rbegin(); kept != latest.rend() && count < wanted.limit; ++kept) {
        if (wanted.admits(kept->what, kept->of.instance_id))
            array += (count++ == 0 ? "" : ",\n") + exposition::to_json(kept->what);
    }
    return array + ']';
}

std::string daemon::landing_facts() const {
    using exposition::escape_html;
    std::vector<const instance_state*> states(states_.begin(), states_.end());
    std::sort(states.begin(), states.end(), [](const instance_state* a, const instance_state* b) {
        return a->identity.name < b->identity.name;
    });
    std::string rows;
    for (const instance_state* state : states) {
        const std::string_view outcome =
            state->last_result ? to_string(*state->last_result) : "not polled yet";
        rows += fmt::format("<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>\n",
                            escape_html(state->identity.project), escape_html(state->identity.name),
                            state->tasks.size(), outcome);
    }
    if (rows.empty())
        return "<p>No instances are configured.</p>\n";
    return "<table>\n<tr><th>Project</th><th>StarRocks instance</th><th>Tasks</th><th>Last poll</th></tr>\n" +
           rows + "</table>\n";
}

} // namespace replmond::cli
