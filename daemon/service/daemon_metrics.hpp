#pragma once

#include "daemon/core/metrics/exposition.hpp"
#include "daemon/core/model/time.hpp"

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/metric_family.h>
#include <prometheus/registry.h>

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace replmond::service {

/// Appends families collected from prometheus-cpp, sorted by name, their series sorted by labels. Supports
/// counters, gauges and histograms. prometheus-cpp 1.0 itself writes only the text format, in hash order, and
/// does not escape HELP.
void append_families(std::string& text, std::vector<prometheus::MetricFamily> families, metrics::format as);

/// One family that prometheus-cpp keeps, as it is registered and as docs/metrics.md shows it.
struct family_description {
    std::string name;
    std::string type;
    std::string labels; ///< comma separated; empty: none
    std::string help;
    std::string from_start; ///< for a counter: which series exist from the start; empty: all
};

/// The families without the label starrocks_instance: the daemon's own, kept by prometheus-cpp.
class daemon_metrics {
public:
    daemon_metrics();

    /// Adds the series of a project that exist from the start, at 0.
    void add_project(const std::string& project);

    /// The same for a project that discovers.
    void add_discovery(const std::string& project);

    void remove_discovery(const std::string& project);

    /// Removes all series of a project, when a reload removes it from the configuration.
    void remove_project(const std::string& project);

    void api_request(const std::string& project, std::string_view operation, std::string_view code,
                     std::chrono::duration<double> took);
    void unexpected_value(const std::string& project, const std::string& field);
    void http_request(std::string_view handler, int code);
    void credential(const std::string& project, bool usable, std::optional<timestamp> expires_at);
    void config_loaded(bool successful, timestamp now);

    /// Sets the requests in the current window, the total time that requests waited for budget, and the
    /// factor by which intervals are stretched.
    void budget(const std::string& project, int requests_in_window, milliseconds waited, double stretch);

    void shard(int index, int count);

    /// Exports where people reach the pages. Slashes at the end go, so that a path can be appended. To be
    /// called once at most.
    void external_url(std::string_view url);

    void state_write_error();
    /// Sets the number of lines and events that wait for the disk or for stdout, and of those that were lost.
    void journal(std::size_t waiting, std::uint64_t dropped);

    /// Notes how a listing ended, and how many instances are discovered after it.
    void discovery(const std::string& project, bool success, timestamp now, std::size_t instances);

    /// Descriptions of all families, including process_*, sorted by name.
    static std::vector<family_description> describe();

    /// Appends all families and process_*, as of `now`. Times that are later than `now`, because the clock
    /// was set back, are exported as `now`.
    void append_to(std::string& text, metrics::format as, timestamp now) const;

private:
    // The series of one operation. prometheus-cpp would build and hash the labels at every request to find
    // them.
    struct request_series {
        prometheus::Histogram* duration = nullptr;
        std::map<std::string, prometheus::Counter*, std::less<>> counts; ///< by code
    };
    using requests_by_operation = std::map<std::string, request_series, std::less<>>;

    prometheus::Registry registry_;
    prometheus::Family<prometheus::Counter>& api_requests_;
    prometheus::Family<prometheus::Histogram>& api_durations_;
    prometheus::Family<prometheus::Counter>& unexpected_values_;
    prometheus::Family<prometheus::Counter>& http_requests_;
    prometheus::Family<prometheus::Gauge>& credential_usable_;
    prometheus::Family<prometheus::Gauge>& credential_expiry_;
    prometheus::Family<prometheus::Gauge>& rate_limit_requests_;
    prometheus::Family<prometheus::Counter>& rate_limit_waits_;
    prometheus::Family<prometheus::Gauge>& rate_limit_stretch_;
    prometheus::Family<prometheus::Gauge>& discovery_success_;
    prometheus::Family<prometheus::Gauge>& discovery_success_time_;
    prometheus::Family<prometheus::Gauge>& discovered_instances_;
    prometheus::Counter& state_write_errors_;
    prometheus::Gauge& journal_waiting_;
    prometheus::Counter& journal_dropped_;
    prometheus::Gauge& reload_successful_;
    prometheus::Gauge& reload_success_time_;
    std::map<std::string, requests_by_operation> requests_; ///< by project
};

} // namespace replmond::service
