#pragma once

#include "daemon/export/negotiation.hpp"
#include "daemon/model/time.hpp"

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <chrono>
#include <string>
#include <string_view>

namespace replmond::exposition {

/// The families without the label starrocks_instance: the daemon's own, kept by prometheus-cpp.
class daemon_metrics {
public:
    daemon_metrics();

    /// Series of a project that exist from the start, at 0.
    void add_project(const std::string& project);

    void api_request(const std::string& project, std::string_view operation, std::string_view code,
                     std::chrono::duration<double> took);
    void unexpected_value(const std::string& project, const std::string& field);
    void http_request(std::string_view handler, int code);
    void config_loaded(bool successful, timestamp now);

    /// Appends all of them, and process_*, as they are now.
    void append_to(std::string& text, format as) const;

private:
    prometheus::Registry registry_;
    prometheus::Family<prometheus::Counter>& api_requests_;
    prometheus::Family<prometheus::Histogram>& api_durations_;
    prometheus::Family<prometheus::Counter>& unexpected_values_;
    prometheus::Family<prometheus::Counter>& http_requests_;
    prometheus::Gauge& reload_successful_;
    prometheus::Gauge& reload_success_time_;
};

} // namespace replmond::exposition
