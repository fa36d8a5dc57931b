#include "daemon/export/family_text.hpp"

#include "daemon/export/exposition_text.hpp"
#include "daemon/model/number.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace replmond::exposition {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

std::string number(double value) {
    if (std::isnan(value))
        return "NaN";
    if (std::isinf(value))
        return value > 0 ? "+Inf" : "-Inf";
    return to_shortest(value);
}

std::string_view type_name(MetricType type) {
    switch (type) {
    case MetricType::Counter:
        return "counter";
    case MetricType::Gauge:
        return "gauge";
    case MetricType::Histogram:
        return "histogram";
    default:
        throw std::logic_error("a metric type that nothing here uses");
    }
}

sample labelled(std::string& text, const std::string& name, const ClientMetric& metric) {
    sample s(text, name);
    for (const auto& label : metric.label)
        s.label(label.name, label.value);
    return s;
}

void append_histogram(std::string& text, const std::string& name, const ClientMetric& metric) {
    for (const auto& bucket : metric.histogram.bucket)
        labelled(text, name + "_bucket", metric)
            .label("le", number(bucket.upper_bound))
            .value(std::to_string(bucket.cumulative_count));
    labelled(text, name + "_sum", metric).value(number(metric.histogram.sample_sum));
    labelled(text, name + "_count", metric).value(std::to_string(metric.histogram.sample_count));
}

void append_metric(std::string& text, const MetricFamily& family, const ClientMetric& metric) {
    switch (family.type) {
    case MetricType::Counter:
        labelled(text, family.name, metric).value(number(metric.counter.value));
        break;
    case MetricType::Gauge:
        labelled(text, family.name, metric).value(number(metric.gauge.value));
        break;
    default:
        append_histogram(text, family.name, metric);
    }
}

bool by_labels(const ClientMetric& a, const ClientMetric& b) {
    return std::lexicographical_compare(a.label.begin(), a.label.end(), b.label.begin(), b.label.end());
}

} // namespace

void append_families(std::string& text, std::vector<MetricFamily> families, format as) {
    std::sort(families.begin(), families.end(),
              [](const MetricFamily& a, const MetricFamily& b) { return a.name < b.name; });
    for (MetricFamily& family : families) {
        append_header(text, family.name, type_name(family.type), family.help, as);
        std::sort(family.metric.begin(), family.metric.end(), by_labels);
        for (const ClientMetric& metric : family.metric)
            append_metric(text, family, metric);
    }
}

} // namespace replmond::exposition
