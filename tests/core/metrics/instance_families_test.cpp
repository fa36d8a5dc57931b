#include "daemon/core/metrics/exposition.hpp"
#include "daemon/core/metrics/instance_families.hpp"
#include "daemon/core/metrics/metrics_page.hpp"
#include "tests/support/pieces.hpp"
#include "tests/support/wire.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace replmond::metrics {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using std::chrono_literals::operator""min;
using std::chrono_literals::operator""s;
using std::chrono_literals::operator""ms;
using test::make_task;

const timestamp start{milliseconds(1'800'000'000'000)};

std::string golden(const std::string& name) {
    const std::string path = std::string(REPLMOND_SOURCE_DIR) + "/tests/data/exposition/" + name;
    std::ifstream file(path, std::ios::binary);
    EXPECT_TRUE(file.is_open()) << path;
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

std::string text_of(metrics_page& page, timestamp now) {
    return test::joined(page.pieces(now, format::text));
}

std::string text_of(const instance_state& state, timestamp now) {
    metrics_page page(15min);
    page.update(state, now);
    return text_of(page, now);
}

// Lines of a family's samples.
std::vector<std::string> samples(const std::string& text, const std::string& family) {
    std::vector<std::string> found;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) {
        if (line.starts_with(family + "{"))
            found.push_back(line);
    }
    return found;
}

instance_state new_instance(const std::string& name = "orders") {
    instance_state state;
    state.identity.project = "prod";
    state.identity.project_id = "0123456789abcdef0123456789abcdef";
    state.identity.region = "ap-southeast-3";
    state.identity.name = name;
    state.identity.id = "0123456789abcdef0123456789abin17";
    state.interval = 15s;
    return state;
}

void add_task(instance_state& state, const std::string& fields, timestamp changed = start) {
    task_state task;
    task.reading = make_task(fields);
    task.stage_changed = task.status_changed = task.progress_changed = changed;
    state.tasks.insert_or_assign(task.reading.name, task);
    state.task_count = state.tasks.size();
}

void succeed(instance_state& state, timestamp now) {
    state.last_result = poll_result::success;
    state.last_poll = state.last_success = now;
    ++state.counters.polls[static_cast<std::size_t>(poll_result::success)];
}

instance_state busy_instance() {
    instance_state state = new_instance();
    state.identity.labels = {{"team", "payments"}, {"note", "say \"hi\"\\\nbye"}};
    add_task(state,
             R"("task_name": "main", "source_database": "shop", "target_database": "shop_sr", "status": "Yes",
        "stage": "Incremental", "percentage": "100", "is_need_repair": "false", "is_main_task": "true")");
    add_task(state, R"("task_name": "catching_up", "source_database": "shop", "target_database": "shop_sr",
        "status": "Yes", "stage": "Full", "percentage": 42.5, "catchup_stage": "Wait", "catchup_percentage": "1.1%",
        "is_main_task": false)",
             start + 1500ms);
    add_task(state, R"("task_name": "repair", "status": "No", "stage": "Paused", "percentage": 99.99,
        "is_need_repair": true, "catchup_stage": null, "catchup_percentage": 0)");
    add_task(state, R"("task_name": "strange", "status": "Maybe", "stage": "Merging", "percentage": "?",
        "catchup_stage": "Odd")");
    add_task(state,
             R"("task_name": "\"} 1\n#\\ 任务 =\r", "source_database": "a\"b", "target_database": "c\\d\ne",
        "status": "YES", "stage": "cancelled", "percentage": 0)");
    state.tasks.at("repair").status_changed = start + 60s;
    state.tasks.at("repair").progress_changed = start + 61'042ms;

    state.counters.transitions[static_cast<std::size_t>(stage::wait)][static_cast<std::size_t>(stage::full)] =
        3;
    state.counters
        .transitions[static_cast<std::size_t>(stage::full)][static_cast<std::size_t>(stage::unknown)] = 1;
    state.counters.polls[static_cast<std::size_t>(poll_result::timeout)] = 2;
    state.counters.polls_skipped = 7;
    state.last_duration = 1234ms;
    state.interval = 22'500ms;
    succeed(state, start + 75'250ms);

    state.lag.emplace();
    task_lag& lag = state.lag->tasks["main"];
    lag.heartbeat.read(start + 70'125ms);
    lag.source_heartbeat.read(start + 74'500ms);
    lag.lag.read(4'375ms);
    state.lag->tasks["repair"].lag.read(-250ms);
    state.lag->reads[static_cast<std::size_t>(lag_result::success)] = 9;
    state.lag->reads[static_cast<std::size_t>(lag_result::query)] = 1;
    state.lag->last_success = start + 75s;
    return state;
}

TEST(ExpositionGolden, AnInstanceThatWasNeverPolled) {
    EXPECT_EQ(text_of(new_instance(), start), golden("never_polled.prom"));
}

TEST(ExpositionGolden, ABusyInstance) {
    EXPECT_EQ(text_of(busy_instance(), start + 80s), golden("busy.prom"));
}

TEST(ExpositionGolden, TasksThatWentStale) {
    instance_state state = busy_instance();
    for (auto& [name, task] : state.tasks)
        task.unseen_since = start + 90s;
    state.tasks.at("main").unseen_since = start + 91s; // one second to go
    state.failing_since = start + 90s;
    for (auto& [name, lag] : state.lag->tasks)
        lag.lag.unread_since = start + 90s; // the heartbeats of the task that is still shown stay
    state.last_result = poll_result::network;
    state.counters.polls[static_cast<std::size_t>(poll_result::network)] = 60;
    EXPECT_EQ(text_of(state, start + 90s + 15min), golden("stale.prom"));
}

// The table of metrics that users rely on, in its order, with the labels after project and
// starrocks_instance.
struct contract_row {
    std::string name;
    std::string type;
    std::vector<std::string> labels;
};
const std::vector<contract_row> contract{
    {"starrocks_replication_info",
     "gauge",
     {"task", "region", "project_id", "instance_id", "source_database", "target_database", "main_task",
      "note", "team"}},
    {"starrocks_replication_status", "gauge", {"task"}},
    {"starrocks_replication_stage", "gauge", {"task", "stage"}},
    {"starrocks_replication_progress_ratio", "gauge", {"task"}},
    {"starrocks_replication_catchup_stage", "gauge", {"task", "stage"}},
    {"starrocks_replication_catchup_progress_ratio", "gauge", {"task"}},
    {"starrocks_replication_needs_repair", "gauge", {"task"}},
    {"starrocks_replication_stage_changed_timestamp_seconds", "gauge", {"task"}},
    {"starrocks_replication_status_changed_timestamp_seconds", "gauge", {"task"}},
    {"starrocks_replication_progress_changed_timestamp_seconds", "gauge", {"task"}},
    {"starrocks_replication_stage_transitions_total", "counter", {"from", "to"}},
    {"starrocks_replication_tasks", "gauge", {}},
    {"replmond_poll_success", "gauge", {}},
    {"replmond_poll_duration_seconds", "gauge", {}},
    {"replmond_poll_interval_seconds", "gauge", {}},
    {"replmond_poll_last_success_timestamp_seconds", "gauge", {}},
    {"replmond_polls_total", "counter", {"result"}},
    {"replmond_polls_skipped_total", "counter", {}},
    {"starrocks_replication_heartbeat_timestamp_seconds", "gauge", {"task"}},
    {"starrocks_replication_source_heartbeat_timestamp_seconds", "gauge", {"task"}},
    {"starrocks_replication_lag_seconds", "gauge", {"task"}},
    {"replmond_lag_reads_total", "counter", {"result"}},
    {"replmond_lag_last_success_timestamp_seconds", "gauge", {}},
};

TEST(Exposition, HasTheFamiliesOfTheContractInItsOrder) {
    const auto families = instance_families();
    ASSERT_EQ(families.size(), contract.size());
    for (std::size_t i = 0; i < families.size(); ++i) {
        EXPECT_EQ(families[i].name, contract[i].name);
        EXPECT_EQ(families[i].type, contract[i].type) << families[i].name;
    }
}

TEST(Exposition, HelpOfTaskMetricsNamesTheFieldAndSaysAsOfTheLastPoll) {
    for (const contract_row& row : contract) {
        for (const instance_family& family : instance_families()) {
            if (family.name != row.name || row.labels.empty() || row.labels[0] != "task")
                continue;
            if (family.when == updated::with_lag) { // it comes from the databases
                EXPECT_THAT(std::string(family.help), HasSubstr("as of the last read")) << row.name;
                continue;
            }
            EXPECT_THAT(std::string(family.help), HasSubstr("API field")) << row.name;
            EXPECT_THAT(std::string(family.help), HasSubstr("as of the last poll")) << row.name;
        }
    }
}

// Names of a sample's labels, in their order. Values may hold anything but a bare quote.
std::vector<std::string> label_names(const std::string& line) {
    std::vector<std::string> names;
    std::size_t at = line.find('{') + 1;
    while (line[at - 1] != '}') {
        const std::size_t equals = line.find('=', at);
        names.push_back(line.substr(at, equals - at));
        for (at = equals + 2; line[at] != '"'; ++at)
            at += line[at] == '\\' ? 1 : 0;
        at += 2; // past the quote and the comma or brace
    }
    return names;
}

TEST(Exposition, HasTheLabelsOfTheContractInItsOrder) {
    const std::string text = text_of(busy_instance(), start + 80s);
    for (const contract_row& row : contract) {
        std::vector<std::string> expected{"project", "starrocks_instance"};
        expected.insert(expected.end(), row.labels.begin(), row.labels.end());
        const auto lines = samples(text, row.name);
        ASSERT_FALSE(lines.empty()) << row.name;
        for (const std::string& line : lines) {
            const auto names = label_names(line);
            if (row.name != "starrocks_replication_info" || line.find("task=\"main\"") != std::string::npos) {
                EXPECT_EQ(names, expected) << line;
            }
            for (const std::string& name : names)
                EXPECT_THAT(expected, ::testing::Contains(name)) << line;
        }
    }
}

TEST(Exposition, HasNoSampleTwice) {
    const std::string text = text_of(busy_instance(), start + 80s);
    std::set<std::string> seen;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) {
        if (!line.starts_with('#')) {
            EXPECT_TRUE(seen.insert(line.substr(0, line.rfind(' '))).second) << line;
        }
    }
}

TEST(Exposition, HasEveryPairAndEveryResultFromTheStart) {
    const std::string text = text_of(new_instance(), start);
    const std::vector<std::string> stages{"wait", "full", "incremental", "paused", "cancelled", "unknown"};
    std::vector<std::string> pairs;
    for (const std::string& from : stages) {
        for (const std::string& to : stages) {
            if (from != to)
                pairs.push_back(
                    "starrocks_replication_stage_transitions_total{project=\"prod\",starrocks_instance="
                    "\"orders\",from=\"" +
                    from + "\",to=\"" + to + "\"} 0");
        }
    }
    ASSERT_EQ(pairs.size(), 30u);
    EXPECT_EQ(samples(text, "starrocks_replication_stage_transitions_total"), pairs);

    std::vector<std::string> results;
    for (const char* result :
         {"success", "auth", "throttled", "timeout", "network", "tls", "http", "protocol", "inconsistent"})
        results.push_back(
            std::string("replmond_polls_total{project=\"prod\",starrocks_instance=\"orders\",result=\"") +
            result + "\"} 0");
    EXPECT_EQ(samples(text, "replmond_polls_total"), results);
}

TEST(Exposition, PollSuccessIsOfTheLastPoll) {
    instance_state state = new_instance();
    const std::string head = "replmond_poll_success{project=\"prod\",starrocks_instance=\"orders\"} ";
    succeed(state, start);
    EXPECT_THAT(text_of(state, start), HasSubstr(head + "1\n"));
    state.last_result = poll_result::inconsistent;
    EXPECT_THAT(text_of(state, start), HasSubstr(head + "0\n"));
}

TEST(MetricsPage, LetsTasksGoStaleWithoutAPoll) {
    instance_state state = new_instance();
    add_task(state, R"("task_name": "t", "stage": "Full")");
    metrics_page page(15min);
    page.update(state, start);
    const std::string fresh = text_of(page, start + 24 * 60min);
    EXPECT_THAT(fresh, HasSubstr("task=\"t\""));
    EXPECT_THAT(fresh, HasSubstr("starrocks_replication_tasks{"));

    state.tasks.at("t").unseen_since = start;
    state.failing_since = start;
    page.update(state, start);
    EXPECT_EQ(text_of(page, start + 15min - 1ms), fresh);
    const std::string stale = text_of(page, start + 15min);
    EXPECT_THAT(stale, Not(HasSubstr("task=\"t\"")));
    EXPECT_THAT(stale, Not(HasSubstr("starrocks_replication_tasks{")));
    EXPECT_THAT(stale, HasSubstr("replmond_poll_success{"));

    state.tasks.at("t").unseen_since.reset();
    state.failing_since.reset();
    page.update(state, start + 16min);
    EXPECT_EQ(text_of(page, start + 16min), fresh);
}

TEST(MetricsPage, WithStaleAfter0SeriesGoAtOnce) {
    instance_state state = new_instance();
    add_task(state, R"("task_name": "t", "stage": "Full")");
    state.tasks.at("t").unseen_since = start;
    state.failing_since = start;
    metrics_page page(0ms);
    page.update(state, start);
    EXPECT_THAT(text_of(page, start), Not(HasSubstr("task=\"t\"")));
}

TEST(MetricsPage, TheTaskCountOfAnEmptyInstanceGoesStaleToo) {
    instance_state state = new_instance();
    state.task_count = 0;
    state.failing_since = start;
    metrics_page page(15min);
    page.update(state, start);
    EXPECT_THAT(text_of(page, start + 15min - 1ms), HasSubstr("starrocks_replication_tasks{"));
    EXPECT_THAT(text_of(page, start + 15min), Not(HasSubstr("starrocks_replication_tasks{")));
}

TEST(MetricsPage, OneTaskCanGoStaleAlone) {
    instance_state state = new_instance();
    add_task(state, R"("task_name": "seen", "stage": "Full")");
    add_task(state, R"("task_name": "unseen", "stage": "Full")");
    state.tasks.at("unseen").unseen_since = start;
    metrics_page page(15min);
    page.update(state, start);
    const std::string text = text_of(page, start + 15min);
    EXPECT_THAT(text, HasSubstr("task=\"seen\""));
    EXPECT_THAT(text, Not(HasSubstr("task=\"unseen\"")));
    EXPECT_THAT(text,
                HasSubstr("starrocks_replication_tasks{project=\"prod\",starrocks_instance=\"orders\"} 2\n"));
}

TEST(MetricsPage, HasInstancesInTheOrderOfTheirNamesUnderOneHeader) {
    const instance_state b = new_instance("b");
    const instance_state a = new_instance("a");
    metrics_page page(15min);
    page.update(b, start);
    page.update(a, start);
    const auto lines = [&](const std::string& text) { return samples(text, "replmond_poll_success"); };
    const std::string of_a = "replmond_poll_success{project=\"prod\",starrocks_instance=\"a\"} 0";
    const std::string of_b = "replmond_poll_success{project=\"prod\",starrocks_instance=\"b\"} 0";

    const std::string text = text_of(page, start);
    EXPECT_EQ(lines(text), (std::vector{of_a, of_b}));
    EXPECT_EQ(text.find("# TYPE replmond_poll_success "), text.rfind("# TYPE replmond_poll_success "));

    page.remove(b);
    EXPECT_EQ(lines(text_of(page, start)), std::vector{of_a});
}

TEST(MetricsPage, SeriesTakeAnInstancesNewName) {
    instance_state state = new_instance("before");
    metrics_page page(15min);
    page.update(state, start);
    state.identity.name = "after";
    page.update(state, start);
    EXPECT_EQ(
        samples(text_of(page, start), "replmond_poll_success"),
        std::vector<std::string>{"replmond_poll_success{project=\"prod\",starrocks_instance=\"after\"} 0"});
}

TEST(MetricsPage, WithoutInstancesThereAreOnlyHeaders) {
    metrics_page page(15min);
    std::istringstream stream(text_of(page, start));
    for (std::string line; std::getline(stream, line);)
        EXPECT_TRUE(line.starts_with("# HELP ") || line.starts_with("# TYPE ")) << line;
}

TEST(ExpositionText, Escapes) {
    std::string text;
    append_header(text, "x_total", "counter", "a\\b\nc \"d\"", format::text);
    EXPECT_EQ(text, "# HELP x_total a\\\\b\\nc \"d\"\n# TYPE x_total counter\n");

    text.clear();
    append_header(text, "x_total", "counter", "a\\b\nc \"d\"", format::open_metrics);
    EXPECT_EQ(text, "# HELP x a\\\\b\\nc \\\"d\\\"\n# TYPE x counter\n");

    text.clear();
    append_header(text, "x_total", "gauge", "not a counter", format::open_metrics);
    EXPECT_EQ(text, "# HELP x_total not a counter\n# TYPE x_total gauge\n");

    text.clear();
    sample(text, "x").label("a", "\\n\n\"\r\t任").label("b", "").value("1");
    EXPECT_EQ(text, "x{a=\"\\\\n\\n\\\"\r\t任\",b=\"\"} 1\n");

    text.clear();
    sample(text, "up").value("0.5");
    EXPECT_EQ(text, "up 0.5\n");
}

} // namespace
} // namespace replmond::metrics
