#include "daemon/export/daemon_metrics.hpp"

#include "daemon/export/family_text.hpp"
#include "daemon/export/process_metrics.hpp"
#include "daemon/model/version.hpp"

#include <array>
#include <iterator>
#include <utility>

namespace replmond::exposition {
namespace {

const prometheus::Histogram::BucketBoundaries duration_buckets = {0.025, 0.05, 0.1, 0.25, 0.5,
                                                                  1,     2.5,  5,   10,   30};

// The fields of the list API that are read: their series exist before anything goes wrong.
constexpr std::array list_fields = {
    "total_count",    "task_name",          "status",         "stage",        "percentage",
    "catchup_stage",  "catchup_percentage", "is_need_repair", "is_main_task", "source_database",
    "target_database"};

} // namespace

daemon_metrics::daemon_metrics()
    : api_requests_(
          prometheus::BuildCounter()
              .Name("replmond_api_requests_total")
              .Help("Requests sent to the cloud, by HTTP status; code error where there was no answer.")
              .Register(registry_)),
      api_durations_(prometheus::BuildHistogram()
                         .Name("replmond_api_request_duration_seconds")
                         .Help("How long requests to the cloud took, resolving and connecting included.")
                         .Register(registry_)),
      unexpected_values_(
          prometheus::BuildCounter()
              .Name("replmond_unexpected_values_total")
              .Help("Values of the API that could not be read, unknown stages and statuses, unusable "
                    "names; once for each and each poll.")
              .Register(registry_)),
      http_requests_(prometheus::BuildCounter()
                         .Name("replmond_http_requests_total")
                         .Help("Requests to this daemon's own HTTP server.")
                         .Register(registry_)),
      reload_successful_(prometheus::BuildGauge()
                             .Name("replmond_config_last_reload_successful")
                             .Help("1 when the configuration was last loaded successfully, else 0.")
                             .Register(registry_)
                             .Add({})),
      reload_success_time_(prometheus::BuildGauge()
                               .Name("replmond_config_last_reload_success_timestamp_seconds")
                               .Help("Unix time at which the configuration was last loaded successfully.")
                               .Register(registry_)
                               .Add({})) {
    prometheus::BuildGauge()
        .Name("replmond_build_info")
        .Help("The running build; always 1.")
        .Register(registry_)
        .Add({{"version", std::string(version)},
              {"revision", std::string(revision)},
              {"compiler", std::string(compiler)}})
        .Set(1);
}

void daemon_metrics::add_project(const std::string& project) {
    for (const char* field : list_fields)
        unexpected_values_.Add({{"project", project}, {"field", field}});
    api_durations_.Add({{"project", project}, {"operation", "list"}}, duration_buckets);
}

void daemon_metrics::api_request(const std::string& project, std::string_view operation,
                                 std::string_view code, std::chrono::duration<double> took) {
    const std::string op(operation);
    api_requests_.Add({{"project", project}, {"operation", op}, {"code", std::string(code)}}).Increment();
    api_durations_.Add({{"project", project}, {"operation", op}}, duration_buckets).Observe(took.count());
}

void daemon_metrics::unexpected_value(const std::string& project, const std::string& field) {
    unexpected_values_.Add({{"project", project}, {"field", field}}).Increment();
}

void daemon_metrics::http_request(std::string_view handler, int code) {
    http_requests_.Add({{"handler", std::string(handler)}, {"code", std::to_string(code)}}).Increment();
}

void daemon_metrics::config_loaded(bool successful, timestamp now) {
    reload_successful_.Set(successful ? 1 : 0);
    if (successful)
        reload_success_time_.Set(static_cast<double>(now.time_since_epoch().count()) / 1000);
}

void daemon_metrics::append_to(std::string& text, format as) const {
    auto families = registry_.Collect();
    auto process = process_families(read_process_facts());
    families.insert(families.end(), std::make_move_iterator(process.begin()),
                    std::make_move_iterator(process.end()));
    append_families(text, std::move(families), as);
}

} // namespace replmond::exposition
