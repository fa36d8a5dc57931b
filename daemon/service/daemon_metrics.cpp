// The daemon's own metrics, kept by prometheus-cpp. prometheus-cpp 1.0 writes families in hash order and does
// not escape HELP, so the text is written here.

#include "daemon/service/daemon_metrics.hpp"

#include "daemon/core/metrics/exposition.hpp"
#include "daemon/core/model/text.hpp"
#include "daemon/core/model/version.hpp"
#include "daemon/service/process_metrics.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <stdexcept>
#include <utility>

namespace replmond::service {

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

metrics::sample labelled(std::string& text, const std::string& name, const ClientMetric& metric) {
    metrics::sample s(text, name);
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

void append_families(std::string& text, std::vector<MetricFamily> families, metrics::format as) {
    std::sort(families.begin(), families.end(),
              [](const MetricFamily& a, const MetricFamily& b) { return a.name < b.name; });
    for (MetricFamily& family : families) {
        metrics::append_header(text, family.name, type_name(family.type), family.help, as);
        std::sort(family.metric.begin(), family.metric.end(), by_labels);
        for (const ClientMetric& metric : family.metric)
            append_metric(text, family, metric);
    }
}

namespace {

const prometheus::Histogram::BucketBoundaries duration_buckets = {0.025, 0.05, 0.1, 0.25, 0.5,
                                                                  1,     2.5,  5,   10,   30};

// The fields of the list API that are read. Their series exist from the start, at 0.
constexpr std::array list_fields = {
    "total_count",    "task_name",          "status",         "stage",        "percentage",
    "catchup_stage",  "catchup_percentage", "is_need_repair", "is_main_task", "source_database",
    "target_database"};

// The same for the lists that discovery reads, in addition to total_count and status.
constexpr std::array discovery_fields = {"id", "name", "engine_name", "instance_status", "total"};

// The codes whose series exist from the start: increase() sees the first 429 only if a 0 came before it.
constexpr std::array list_codes = {"200", "401", "403", "429", "500", "503", "error"};

struct description {
    const char* name;
    const char* type;
    const char* labels;
    const char* help;
    const char* from_start = "";
};

constexpr description api_requests{
    "replmond_api_requests_total", "counter", "project, operation, code",
    "Requests sent to the cloud, by HTTP status. The code is error where no answer came.",
    "operation: list; code: 200, 401, 403, 429, 500, 503, error"};
constexpr description api_durations{
    "replmond_api_request_duration_seconds", "histogram", "project, operation",
    "Duration of requests to the cloud, including name lookup and connecting.", "operation: list"};
constexpr description unexpected_values{"replmond_unexpected_values_total", "counter", "project, field",
                                        "Values of the API that replmond cannot read or does not know, and "
                                        "unusable names. Each counts once in a poll."};
constexpr description http_requests{"replmond_http_requests_total", "counter", "handler, code",
                                    "Requests to this daemon's own HTTP server.", "none"};
constexpr description credential_usable{
    "replmond_credential_usable", "gauge", "project",
    "0 while replmond holds the credential back after a refusal, else 1."};
constexpr description credential_expiry{
    "replmond_credential_expiry_timestamp_seconds", "gauge", "project",
    "Unix time at which the credential in use expires; no series where it does not."};
constexpr description rate_limit_requests{
    "replmond_rate_limit_requests", "gauge", "project",
    "Requests to the cloud that count in the current window of rate_limit."};
constexpr description rate_limit_waits{"replmond_rate_limit_wait_seconds_total", "counter", "project",
                                       "Time that all requests together waited for room in rate_limit."};
constexpr description rate_limit_stretch{
    "replmond_rate_limit_stretch_ratio", "gauge", "project",
    "Factor by which replmond lengthens intervals so that polls fit rate_limit; 1 where it does not."};
constexpr description shard_info{
    "replmond_shard_info", "gauge", "shard, shards",
    "Which part of the instances this daemon watches; always 1. Only with --shard."};
constexpr description discovery_success{
    "replmond_discovery_success", "gauge", "project",
    "1 when the last listing of the project's instances was complete, else 0."};
constexpr description discovery_success_time{
    "replmond_discovery_last_success_timestamp_seconds", "gauge", "project",
    "Unix time of the last complete listing of the project's instances; 0 before the first."};
constexpr description discovered_instances{
    "replmond_discovered_instances", "gauge", "project",
    "Instances that discovery has found. Configured instances and those of other shards count too."};
constexpr description state_write_errors{"replmond_state_write_errors_total", "counter", "",
                                         "Writes to the state file that failed."};
constexpr description journal_waiting{"replmond_journal_waiting", "gauge", "",
                                      "Log lines and events that wait for the disk or for stdout."};
constexpr description journal_dropped{"replmond_journal_dropped_total", "counter", "",
                                      "Log lines and events that were lost because too many waited."};
constexpr description reload_successful{"replmond_config_last_reload_successful", "gauge", "",
                                        "1 when the configuration was last loaded successfully, else 0."};
constexpr description reload_success_time{
    "replmond_config_last_reload_success_timestamp_seconds", "gauge", "",
    "Unix time at which the configuration was last loaded successfully."};
// Not a label of replmond_build_info: the public contract fixes the labels of that metric, and a change of
// the flag would end its series, which says since when a build runs.
constexpr description web_info{"replmond_web_info", "gauge", "external_url",
                               "URL at which people reach the pages: that of --web.external-url without a "
                               "slash at its end; always 1. Only with that flag."};
constexpr description build_info{"replmond_build_info", "gauge", "version, revision, compiler",
                                 "The running build; always 1."};

constexpr std::array all = {api_requests,
                            api_durations,
                            unexpected_values,
                            http_requests,
                            credential_usable,
                            credential_expiry,
                            rate_limit_requests,
                            rate_limit_waits,
                            rate_limit_stretch,
                            shard_info,
                            state_write_errors,
                            journal_waiting,
                            journal_dropped,
                            discovery_success,
                            discovery_success_time,
                            discovered_instances,
                            reload_successful,
                            reload_success_time,
                            web_info,
                            build_info};

prometheus::Family<prometheus::Counter>& add_counter(prometheus::Registry& to, const description& d) {
    return prometheus::BuildCounter().Name(d.name).Help(d.help).Register(to);
}

prometheus::Family<prometheus::Gauge>& add_gauge(prometheus::Registry& to, const description& d) {
    return prometheus::BuildGauge().Name(d.name).Help(d.help).Register(to);
}

prometheus::Family<prometheus::Histogram>& add_histogram(prometheus::Registry& to, const description& d) {
    return prometheus::BuildHistogram().Name(d.name).Help(d.help).Register(to);
}

double unix_seconds(timestamp time) {
    return static_cast<double>(time.time_since_epoch().count()) / 1000;
}

// prometheus-cpp lists the series of a family only by Collect(), and Add() returns an existing series.
template<class Metric, class... Construction>
void remove_series_of(prometheus::Family<Metric>& family, const std::string& project,
                      const Construction&... construction) {
    for (const prometheus::MetricFamily& collected : family.Collect()) {
        for (const prometheus::ClientMetric& series : collected.metric) {
            prometheus::Labels labels;
            for (const auto& label : series.label)
                labels.emplace(label.name, label.value);
            const auto of = labels.find("project");
            if (of != labels.end() && of->second == project)
                family.Remove(&family.Add(labels, construction...));
        }
    }
}

void clamp_to_now(std::vector<prometheus::MetricFamily>& families, timestamp now) {
    for (prometheus::MetricFamily& family : families) {
        if (family.name != discovery_success_time.name && family.name != reload_success_time.name)
            continue;
        for (prometheus::ClientMetric& each : family.metric)
            each.gauge.value = std::min(each.gauge.value, unix_seconds(now));
    }
}

} // namespace

daemon_metrics::daemon_metrics()
    : api_requests_(add_counter(registry_, api_requests)),
      api_durations_(add_histogram(registry_, api_durations)),
      unexpected_values_(add_counter(registry_, unexpected_values)),
      http_requests_(add_counter(registry_, http_requests)),
      credential_usable_(add_gauge(registry_, credential_usable)),
      credential_expiry_(add_gauge(registry_, credential_expiry)),
      rate_limit_requests_(add_gauge(registry_, rate_limit_requests)),
      rate_limit_waits_(add_counter(registry_, rate_limit_waits)),
      rate_limit_stretch_(add_gauge(registry_, rate_limit_stretch)),
      discovery_success_(add_gauge(registry_, discovery_success)),
      discovery_success_time_(add_gauge(registry_, discovery_success_time)),
      discovered_instances_(add_gauge(registry_, discovered_instances)),
      state_write_errors_(add_counter(registry_, state_write_errors).Add({})),
      journal_waiting_(add_gauge(registry_, journal_waiting).Add({})),
      journal_dropped_(add_counter(registry_, journal_dropped).Add({})),
      reload_successful_(add_gauge(registry_, reload_successful).Add({})),
      reload_success_time_(add_gauge(registry_, reload_success_time).Add({})) {
    add_gauge(registry_, build_info)
        .Add({{"version", std::string(version)},
              {"revision", std::string(revision)},
              {"compiler", std::string(compiler)}})
        .Set(1);
}

std::vector<family_description> daemon_metrics::describe() {
    std::vector<family_description> families;
    for (const description& d : all)
        families.push_back({d.name, d.type, d.labels, d.help, d.from_start});
    for (const prometheus::MetricFamily& f : process_families({}))
        families.push_back(
            {f.name, f.type == prometheus::MetricType::Counter ? "counter" : "gauge", "", f.help, ""});
    std::sort(families.begin(), families.end(),
              [](const family_description& a, const family_description& b) { return a.name < b.name; });
    return families;
}

void daemon_metrics::add_project(const std::string& project) {
    for (const char* field : list_fields)
        unexpected_values_.Add({{"project", project}, {"field", field}});
    for (const char* code : list_codes)
        api_requests_.Add({{"project", project}, {"operation", "list"}, {"code", code}});
    api_durations_.Add({{"project", project}, {"operation", "list"}}, duration_buckets);
    rate_limit_requests_.Add({{"project", project}});
    rate_limit_waits_.Add({{"project", project}});
    rate_limit_stretch_.Add({{"project", project}}).Set(1);
}

void daemon_metrics::add_discovery(const std::string& project) {
    for (const char* field : discovery_fields)
        unexpected_values_.Add({{"project", project}, {"field", field}});
    discovery_success_.Add({{"project", project}});
    discovery_success_time_.Add({{"project", project}});
    discovered_instances_.Add({{"project", project}});
}

void daemon_metrics::remove_discovery(const std::string& project) {
    for (auto* gauges : {&discovery_success_, &discovery_success_time_, &discovered_instances_})
        remove_series_of(*gauges, project);
}

void daemon_metrics::remove_project(const std::string& project) {
    requests_.erase(project);
    for (auto* counters : {&api_requests_, &unexpected_values_, &rate_limit_waits_})
        remove_series_of(*counters, project);
    for (auto* gauges :
         {&credential_usable_, &credential_expiry_, &rate_limit_requests_, &rate_limit_stretch_})
        remove_series_of(*gauges, project);
    remove_discovery(project);
    remove_series_of(api_durations_, project, duration_buckets);
}

void daemon_metrics::api_request(const std::string& project, std::string_view operation,
                                 std::string_view code, std::chrono::duration<double> took) {
    requests_by_operation& of_project = requests_[project];
    auto known = of_project.find(operation);
    if (known == of_project.end()) {
        known = of_project.emplace(std::string(operation), request_series{}).first;
        known->second.duration =
            &api_durations_.Add({{"project", project}, {"operation", known->first}}, duration_buckets);
    }
    auto& [duration, counts] = known->second;
    duration->Observe(took.count());

    auto count = counts.find(code);
    if (count == counts.end()) {
        count = counts.emplace(std::string(code), nullptr).first;
        count->second =
            &api_requests_.Add({{"project", project}, {"operation", known->first}, {"code", count->first}});
    }
    count->second->Increment();
}

void daemon_metrics::unexpected_value(const std::string& project, const std::string& field) {
    unexpected_values_.Add({{"project", project}, {"field", field}}).Increment();
}

void daemon_metrics::http_request(std::string_view handler, int code) {
    http_requests_.Add({{"handler", std::string(handler)}, {"code", std::to_string(code)}}).Increment();
}

void daemon_metrics::credential(const std::string& project, bool usable,
                                std::optional<timestamp> expires_at) {
    credential_usable_.Add({{"project", project}}).Set(usable ? 1 : 0);
    prometheus::Gauge& expiry = credential_expiry_.Add({{"project", project}});
    if (expires_at)
        expiry.Set(unix_seconds(*expires_at));
    else
        credential_expiry_.Remove(&expiry);
}

void daemon_metrics::config_loaded(bool successful, timestamp now) {
    reload_successful_.Set(successful ? 1 : 0);
    if (successful)
        reload_success_time_.Set(unix_seconds(now));
}

void daemon_metrics::budget(const std::string& project, int requests_in_window, milliseconds waited,
                            double stretch) {
    rate_limit_stretch_.Add({{"project", project}}).Set(stretch);
    rate_limit_requests_.Add({{"project", project}}).Set(requests_in_window);
    prometheus::Counter& waits = rate_limit_waits_.Add({{"project", project}});
    waits.Increment(std::max(0.0, static_cast<double>(waited.count()) / 1000 - waits.Value()));
}

void daemon_metrics::shard(int index, int count) {
    add_gauge(registry_, shard_info)
        .Add({{"shard", std::to_string(index)}, {"shards", std::to_string(count)}})
        .Set(1);
}

void daemon_metrics::external_url(std::string_view url) {
    while (url.ends_with('/'))
        url.remove_suffix(1);
    add_gauge(registry_, web_info).Add({{"external_url", std::string(url)}}).Set(1);
}

void daemon_metrics::state_write_error() {
    state_write_errors_.Increment();
}

void daemon_metrics::journal(std::size_t waiting, std::uint64_t dropped) {
    journal_waiting_.Set(static_cast<double>(waiting));
    journal_dropped_.Increment(static_cast<double>(dropped) - journal_dropped_.Value());
}

void daemon_metrics::discovery(const std::string& project, bool success, timestamp now,
                               std::size_t instances) {
    discovery_success_.Add({{"project", project}}).Set(success ? 1 : 0);
    if (success)
        discovery_success_time_.Add({{"project", project}}).Set(unix_seconds(now));
    discovered_instances_.Add({{"project", project}}).Set(static_cast<double>(instances));
}

void daemon_metrics::append_to(std::string& text, metrics::format as, timestamp now) const {
    auto families = registry_.Collect();
    clamp_to_now(families, now);
    auto process = process_families(read_process_facts());
    families.insert(families.end(), std::make_move_iterator(process.begin()),
                    std::make_move_iterator(process.end()));
    append_families(text, std::move(families), as);
}

} // namespace replmond::service
