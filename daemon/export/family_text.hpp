#pragma once

#include "daemon/export/negotiation.hpp"

#include <prometheus/metric_family.h>

#include <string>
#include <vector>

namespace replmond::exposition {

/// Appends families as prometheus-cpp collects them: by name, series by their labels. prometheus-cpp 1.0
/// itself writes the text format only, in the order of a hash, and does not escape HELP. Counters, gauges and
/// histograms.
void append_families(std::string& text, std::vector<prometheus::MetricFamily> families, format as);

} // namespace replmond::exposition
