// docs/metrics.md, made from the tables of families.

#include "tests/service/metrics_reference.hpp"

#include "daemon/core/metrics/instance_families.hpp"
#include "daemon/service/daemon_metrics.hpp"

#include <fmt/format.h>

#include <iterator>
#include <string_view>

namespace replmond::service {

namespace {

constexpr std::string_view introduction =
    "# Metrics\n\n"
    "<!-- Generated from the tables of families by the test MetricsReference: change those, not this "
    "page. -->\n\n"
    "Everything that `/metrics` serves, in text format 0.0.4 or, where the client asks for it, OpenMetrics "
    "1.0.0. Sample\n"
    "lines are the same in both. No sample has a timestamp. State sets and info metrics are gauges: the text "
    "format has\n"
    "no other type for them.\n\n"
    "Every series of a known instance that needs no answer from the cloud exists from the start, "
    "counters at 0; the last\n"
    "section names the exceptions.\n"
    "Series of a task go when it is gone, or when polls have failed for `poll.stale_after`.\n";

constexpr std::string_view links = "\n`replmond_web_info` is a metric of its own, not a label of "
                                   "`replmond_build_info`: a change of the flag would end "
                                   "the series of\n"
                                   "the build and begin another one. Join it by the labels of the target: `… "
                                   "* on (job, instance) group_left "
                                   "(external_url) replmond_web_info`.\n";

constexpr std::string_view begin_later =
    "\n## Counters that begin later\n\n"
    "Of these only some series exist from the start. Any other begins with the first event that it counts, "
    "at 1, "
    "and `increase()` does\n"
    "not see that event. `Throttled` in dashboards/alerts.yaml shows an expression that does.\n\n"
    "| metric | series from the start |\n| --- | --- |\n";

void append_table(std::string& text, std::string_view title) {
    fmt::format_to(std::back_inserter(text),
                   "\n## {}\n\n| metric | type | labels | meaning |\n| --- | --- | --- | --- |\n", title);
}

void append_row(std::string& text, std::string_view name, std::string_view type, std::string_view labels,
                std::string_view help) {
    fmt::format_to(std::back_inserter(text), "| `{}` | {} | {} | {} |\n", name, type, labels, help);
}

} // namespace

std::string metrics_reference() {
    std::string text(introduction);
    append_table(text, "Tasks and instances");
    for (const metrics::instance_family& f : metrics::instance_families())
        append_row(text, f.name, f.type, f.labels, f.help);
    append_table(text, "The daemon");
    for (const family_description& f : daemon_metrics::describe())
        append_row(text, f.name, f.type, f.labels, f.help);
    text += links;
    text += begin_later;
    for (const family_description& f : daemon_metrics::describe()) {
        if (!f.from_start.empty())
            fmt::format_to(std::back_inserter(text), "| `{}` | {} |\n", f.name, f.from_start);
    }
    return text;
}

} // namespace replmond::service
