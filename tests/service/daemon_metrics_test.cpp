#include "daemon/core/cloud/inventory.hpp"
#include "daemon/core/cloud/task_page.hpp"
#include "daemon/service/daemon_metrics.hpp"
#include "daemon/service/process_metrics.hpp"
#include "tests/service/metrics_reference.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

namespace replmond::service {

namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

const timestamp far_ahead{milliseconds(4'000'000'000'000)};

ClientMetric counter(const char* label, double value) {
    ClientMetric metric;
    metric.label.push_back({"code", label});
    metric.counter.value = value;
    return metric;
}

TEST(FamilyText, WritesFamiliesByNameAndSeriesByLabels) {
    MetricFamily requests{
        "b_total", "Help with \"quotes\".", MetricType::Counter, {counter("500", 2), counter("200", 1.5)}};
    MetricFamily temperature{"a", "Gauge.", MetricType::Gauge, {ClientMetric{}}};
    temperature.metric[0].gauge.value = -0.5;

    std::string text;
    append_families(text, {requests, temperature}, metrics::format::text);
    EXPECT_EQ(text, "# HELP a Gauge.\n# TYPE a gauge\na -0.5\n"
                    "# HELP b_total Help with \"quotes\".\n# TYPE b_total counter\n"
                    "b_total{code=\"200\"} 1.5\nb_total{code=\"500\"} 2\n");

    text.clear();
    append_families(text, {requests}, metrics::format::open_metrics);
    EXPECT_EQ(text, "# HELP b Help with \\\"quotes\\\".\n# TYPE b counter\n"
                    "b_total{code=\"200\"} 1.5\nb_total{code=\"500\"} 2\n");
}

TEST(FamilyText, WritesHistograms) {
    MetricFamily family{"d", "Help.", MetricType::Histogram, {ClientMetric{}}};
    family.metric[0].histogram.sample_count = 3;
    family.metric[0].histogram.sample_sum = 0.75;
    family.metric[0].histogram.bucket = {{2, 0.025}, {3, std::numeric_limits<double>::infinity()}};
    std::string text;
    append_families(text, {family}, metrics::format::text);
    EXPECT_EQ(text, "# HELP d Help.\n# TYPE d histogram\n"
                    "d_bucket{le=\"0.025\"} 2\nd_bucket{le=\"+Inf\"} 3\nd_sum 0.75\nd_count 3\n");
}

TEST(DaemonMetrics, SeriesOfAProjectExistFromTheStart) {
    daemon_metrics metrics;
    metrics.add_project("prod");
    std::string text;
    metrics.append_to(text, metrics::format::text, far_ahead);
    EXPECT_THAT(text,
                testing::HasSubstr("replmond_unexpected_values_total{field=\"stage\",project=\"prod\"} 0\n"));
    EXPECT_THAT(text, testing::HasSubstr("replmond_api_request_duration_seconds_count{operation=\"list\","
                                         "project=\"prod\"} 0\n"));

    metrics.unexpected_value("prod", "stage");
    metrics.api_request("prod", "list", "503", std::chrono::milliseconds(40));
    metrics.http_request("/metrics", 200);
    text.clear();
    metrics.append_to(text, metrics::format::text, far_ahead);
    EXPECT_THAT(text,
                testing::HasSubstr("replmond_unexpected_values_total{field=\"stage\",project=\"prod\"} 1\n"));
    EXPECT_THAT(text,
                testing::HasSubstr(
                    "replmond_api_requests_total{code=\"503\",operation=\"list\",project=\"prod\"} 1\n"));
    EXPECT_THAT(text, testing::HasSubstr("operation=\"list\",project=\"prod\",le=\"0.025\"} 0\n"));
    EXPECT_THAT(text, testing::HasSubstr("operation=\"list\",project=\"prod\",le=\"0.05\"} 1\n"));
    EXPECT_THAT(text,
                testing::HasSubstr("replmond_http_requests_total{code=\"200\",handler=\"/metrics\"} 1\n"));
}

std::string text_of(const daemon_metrics& metrics) {
    std::string text;
    metrics.append_to(text, metrics::format::text, far_ahead);
    return text;
}

// The lines of a family's samples, without its comments.
std::vector<std::string> samples_of(const std::string& text, const std::string& family) {
    std::vector<std::string> found;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = text.find('\n', at);
        std::string line = text.substr(at, end - at);
        if (line.starts_with(family) && line.find_first_of("{ ", family.size()) == family.size())
            found.push_back(std::move(line));
        at = end + 1;
    }
    return found;
}

TEST(DaemonMetrics, TheFirst429OfAListIsAnIncrease) {
    daemon_metrics metrics;
    EXPECT_THAT(samples_of(text_of(metrics), "replmond_api_requests_total"), testing::IsEmpty());
    metrics.add_project("prod");
    const auto line = [](const std::string& code, const std::string& value) {
        return "replmond_api_requests_total{code=\"" + code + "\",operation=\"list\",project=\"prod\"} " +
               value;
    };
    EXPECT_THAT(samples_of(text_of(metrics), "replmond_api_requests_total"),
                testing::ElementsAre(line("200", "0"), line("401", "0"), line("403", "0"), line("429", "0"),
                                     line("500", "0"), line("503", "0"), line("error", "0")));

    metrics.api_request("prod", "list", "429", std::chrono::milliseconds(40));
    metrics.api_request("prod", "list", "404", std::chrono::milliseconds(40));
    metrics.add_project("prod"); // a reload keeps what was counted
    EXPECT_THAT(samples_of(text_of(metrics), "replmond_api_requests_total"),
                testing::ElementsAre(line("200", "0"), line("401", "0"), line("403", "0"), line("404", "1"),
                                     line("429", "1"), line("500", "0"), line("503", "0"),
                                     line("error", "0")));

    metrics.remove_project("prod");
    EXPECT_THAT(samples_of(text_of(metrics), "replmond_api_requests_total"), testing::IsEmpty());
}

// What docs/metrics.md says of a counter, and the rules rely on.
TEST(DaemonMetrics, CountersExistFromTheStartExceptWhereTheReferenceSaysOtherwise) {
    daemon_metrics metrics;
    metrics.add_project("prod");
    const std::string text = text_of(metrics);
    for (const family_description& family : daemon_metrics::describe()) {
        if (family.type == "gauge")
            continue;
        const auto found =
            samples_of(text, family.type == "histogram" ? family.name + "_count" : family.name);
        EXPECT_EQ(found.empty(), family.from_start == "none") << family.name;
        for (const std::string& sample : found) {
            const bool is_of_process = family.name.starts_with("process_");
            EXPECT_TRUE(is_of_process || sample.ends_with(" 0")) << sample;
        }
    }
}

// Every field that the decoders can name, from answers that hold nothing but odd values.
std::vector<std::string> fields_that_can_be_odd() {
    const std::string id = R"("id":"0123456789abcdef0123456789abcdefin17")";
    const auto page = cloud::decode_page(
        R"({"total_count":[],"replications":[7,{"task_name":7},{"task_name":"t","source_database":7,)"
        R"("target_database":7,"status":7,"stage":7,"percentage":[],"catchup_stage":7,"catchup_percentage":[],)"
        R"("is_need_repair":7,"is_main_task":7}]})");
    const auto instances = cloud::decode_instances(R"({"total_count":[],"instances":[{"id":7},{)" + id +
                                                   R"(,"name":7,"status":7}]})");
    const auto htap = cloud::decode_htap(R"({"total":[],"instances":[{"engine_name":7},{)" + id +
                                         R"(,"engine_name":"star-rocks","name":7,"instance_state":)"
                                         R"({"instance_status":7}}]})");
    std::vector<std::string> fields;
    const auto add = [&](const auto& answer) {
        ASSERT_TRUE(answer) << answer.error().error_msg;
        for (const unexpected_value& value : answer->unexpected)
            fields.push_back(value.field);
    };
    add(page);
    add(instances);
    add(htap);
    std::sort(fields.begin(), fields.end());
    fields.erase(std::unique(fields.begin(), fields.end()), fields.end());
    return fields;
}

TEST(DaemonMetrics, EveryFieldThatCanBeOddIsCountedFromTheStart) {
    daemon_metrics metrics;
    metrics.add_project("prod");
    metrics.add_discovery("prod");
    const std::string text = text_of(metrics);
    const auto fields = fields_that_can_be_odd();
    for (const std::string& field : fields) {
        EXPECT_THAT(text, testing::HasSubstr("\nreplmond_unexpected_values_total{field=\"" + field +
                                             "\",project=\"prod\"} 0\n"));
    }
    // And no series of a field that nobody reads.
    EXPECT_EQ(samples_of(text, "replmond_unexpected_values_total").size(), fields.size())
        << testing::PrintToString(fields);
}

TEST(DaemonMetrics, WherePeopleReachThePagesIsThereOnlyWhereItIsKnown) {
    const daemon_metrics unknown;
    EXPECT_THAT(samples_of(text_of(unknown), "replmond_web_info"), testing::IsEmpty());
    for (const char* url :
         {"https://r.example/replmond", "https://r.example/replmond/", "https://r.example/replmond//"}) {
        daemon_metrics metrics;
        metrics.external_url(url);
        EXPECT_THAT(samples_of(text_of(metrics), "replmond_web_info"),
                    testing::ElementsAre("replmond_web_info{external_url=\"https://r.example/replmond\"} 1"));
    }
}

TEST(DaemonMetrics, OfDiscovery) {
    daemon_metrics metrics;
    metrics.add_project("plain");
    metrics.add_project("prod");
    const auto text = [&] {
        std::string all;
        metrics.append_to(all, metrics::format::text, far_ahead);
        return all;
    };
    EXPECT_THAT(text(), testing::Not(testing::HasSubstr("replmond_discover")));
    metrics.add_discovery("prod");
    const auto says = [](const char* success, const char* time, const char* count) {
        return testing::AllOf(
            testing::HasSubstr("\nreplmond_discovery_success{project=\"prod\"} " + std::string(success) +
                               "\n"),
            testing::HasSubstr("\nreplmond_discovery_last_success_timestamp_seconds{project=\"prod\"} " +
                               std::string(time) + "\n"),
            testing::HasSubstr("\nreplmond_discovered_instances{project=\"prod\"} " + std::string(count) +
                               "\n"));
    };
    EXPECT_THAT(text(), says("0", "0", "0"));
    EXPECT_THAT(text(), testing::HasSubstr(
                            "replmond_unexpected_values_total{field=\"engine_name\",project=\"prod\"} 0\n"));
    EXPECT_THAT(text(), testing::Not(testing::HasSubstr("replmond_discovery_success{project=\"plain\"}")));

    metrics.discovery("prod", true, timestamp(milliseconds(1'800'000'000'500)), 3);
    EXPECT_THAT(text(), says("1", "1800000000.5", "3"));
    metrics.discovery("prod", false, timestamp(milliseconds(1'800'000'600'000)), 3);
    EXPECT_THAT(text(), says("0", "1800000000.5", "3"));
}

TEST(DaemonMetrics, RemovesAllOfAProjectAndNothingElse) {
    const auto fill = [](daemon_metrics& metrics, const std::string& project) {
        metrics.add_project(project);
        metrics.add_discovery(project);
        metrics.api_request(project, "list", "200", std::chrono::milliseconds(40));
        metrics.api_request(project, "htap", "error", std::chrono::milliseconds(40));
        metrics.unexpected_value(project, "odd");
        metrics.credential(project, true, timestamp(milliseconds(1)));
        metrics.discovery(project, true, timestamp(milliseconds(1)), 1);
    };
    daemon_metrics metrics;
    fill(metrics, "stays");
    const auto series = [&] { // without process_*, which change by themselves
        std::string all;
        metrics.append_to(all, metrics::format::text, far_ahead);
        return all.substr(all.find("# HELP replmond_"));
    };
    const std::string before = series();
    fill(metrics, "goes");
    EXPECT_NE(series(), before);
    metrics.remove_project("goes");
    EXPECT_EQ(series(), before);
    metrics.remove_project("goes");
    EXPECT_EQ(series(), before);

    metrics.add_project("goes"); // comes back at 0
    EXPECT_THAT(series(),
                testing::HasSubstr(
                    "replmond_api_request_duration_seconds_count{operation=\"list\",project=\"goes\"} 0\n"));
}

TEST(ProcessMetrics, ParsesStatWithAHostileName) {
    const auto read =
        parse_stat("42 (a) S 1 (b 7 7) S 1 42 42 0 -1 4194304 100 0 0 0 5 6 0 0 20 0 3 0 777 12345678 99 "
                   "18446744073709551615 1 1\n");
    ASSERT_TRUE(read);
    EXPECT_EQ(read->threads, 3u);
    EXPECT_EQ(read->start_ticks, 777u);
    EXPECT_EQ(read->virtual_bytes, 12345678u);
    EXPECT_EQ(read->resident_pages, 99u);
    EXPECT_FALSE(parse_stat(""));
    EXPECT_FALSE(parse_stat("42 (a) S 1 2 3"));
}

TEST(ProcessMetrics, OfThisProcess) {
    const auto facts = read_process_facts();
    EXPECT_GT(facts.cpu_seconds.value_or(0), 0);
    EXPECT_GT(facts.resident_bytes.value_or(0), 1'000'000u);
    EXPECT_GT(facts.virtual_bytes.value_or(0), facts.resident_bytes.value_or(0));
    EXPECT_GE(facts.open_fds.value_or(0), 3u);
    EXPECT_GE(facts.max_fds.value_or(0), facts.open_fds.value_or(0));
    EXPECT_GE(facts.threads.value_or(0), 1u);
    const double now =
        static_cast<double>(std::chrono::system_clock::to_time_t(std::chrono::system_clock::now()));
    EXPECT_NEAR(facts.start_time.value_or(0), now, 3600);
}

TEST(ProcessMetrics, TheStartTimeIsAlwaysTheSame) {
    const auto first = read_process_facts().start_time;
    ASSERT_TRUE(first);
    for (int i = 0; i < 1000; ++i) {
        EXPECT_EQ(read_process_facts().start_time, first);
    }
}

TEST(ProcessMetrics, WhatCannotBeReadHasNoSeries) {
    process_facts facts;
    facts.threads = 2;
    std::string text;
    append_families(text, process_families(facts), metrics::format::text);
    EXPECT_THAT(text, testing::HasSubstr("\nprocess_threads 2\n"));
    EXPECT_THAT(text, testing::Not(testing::HasSubstr("\nprocess_open_fds ")));
}

TEST(DaemonMetrics, NoTimeIsStillToComeWhereTheClockWasSetBack) {
    const timestamp ahead{milliseconds(1'800'000'000'000)};
    daemon_metrics metrics;
    metrics.add_discovery("p");
    metrics.discovery("p", true, ahead, 1);
    metrics.config_loaded(true, ahead);
    std::string text;
    metrics.append_to(text, metrics::format::text, ahead - std::chrono::hours(8));
    for (const char* line : {"replmond_discovery_last_success_timestamp_seconds{project=\"p\"} 1799971200\n",
                             "replmond_config_last_reload_success_timestamp_seconds 1799971200\n"})
        EXPECT_NE(text.find(line), std::string::npos) << text;
}

// REPLMOND_UPDATE=1 writes the page anew.
TEST(MetricsReference, DocsAreUpToDate) {
    const std::string path = REPLMOND_SOURCE_DIR "/docs/metrics.md";
    if (std::getenv("REPLMOND_UPDATE") != nullptr)
        std::ofstream(path) << metrics_reference();
    std::ifstream file(path);
    const std::string page(std::istreambuf_iterator<char>(file), {});
    EXPECT_EQ(page, metrics_reference()) << "run this test with REPLMOND_UPDATE=1, then read the difference";
}

} // namespace

} // namespace replmond::service
