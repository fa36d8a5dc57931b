#include "tests/simulator/likeness.hpp"
#include "tests/simulator/tests/cloud_fixture.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace json = boost::json;

namespace replmond::simulator {
namespace {

const std::string reports = REPLMOND_SOURCE_DIR "/tests/data/reports/";

constexpr auto scenario_of_three = R"(
tokens: [t]
projects: [p]
instances:
  - id: i
    project: p
    tasks:
      - {name: copying, source_database: src, target_database: dst, timeline: [{stage: full, percentage: 42.5, need_repair: true}]}
      - {name: catching_up, timeline: [{stage: incremental, status: No, catchup_stage: full, catchup_percentage: 7}]}
      - {name: waiting, main: false, timeline: [{stage: wait}]}
  - id: long
    project: p
    tasks: [{name: a}, {name: b}, {name: c}, {name: d}, {name: e}, {name: f}, {name: g}, {name: h}, {name: j}, {name: k}, {name: l},
            {name: m}]
  - {id: empty, project: p}
)";

class cloud_like : public cloud_under_test {
public:
    explicit cloud_like(const likeness& like) : cloud_under_test(scenario_of_three) {
        auto described = read_scenario(scenario_of_three, "s.yaml");
        make_alike(described, like);
        all.tasks = world(std::move(described));
        all.errors = like.errors;
    }

    json::object list(const std::string& instance, const std::string& query = "") {
        return ask_json("GET", "/v3/p/instances/" + instance + "/starrocks/databases/replication" + query)
            .as_object();
    }

    // Of the tasks on a page.
    std::string names(const std::string& instance, const std::string& query) {
        std::string found;
        const auto body = list(instance, query);
        for (const auto& record : body.at("replications").as_array())
            found += (found.empty() ? "" : " ") + std::string(record.at("task_name").as_string());
        return found;
    }

    json::value record(std::size_t i) { return list("i").at("replications").at(i); }
};

cloud_like cloud_of(const std::string& report) {
    return cloud_like(load_likeness(reports + report + ".json"));
}

TEST(SimulatorLikeness, PlaysStringsBack) {
    auto cloud = cloud_of("strings");
    EXPECT_EQ(cloud.record(0), json::parse(R"({
        "source_database": "src", "target_database": "dst", "task_name": "copying", "status": "YES", "stage": "Full",
        "percentage": "42.5%", "catchup_stage": "None", "catchup_percentage": "-",
        "is_need_repair": "True", "is_main_task": "True"})"));
    EXPECT_EQ(cloud.record(1), json::parse(R"({
        "source_database": "catching_up", "target_database": "catching_up", "task_name": "catching_up", "status": "NO",
        "stage": "Incremental", "percentage": "100%", "catchup_stage": "Full", "catchup_percentage": "7",
        "is_need_repair": "False", "is_main_task": "True"})"));
    EXPECT_EQ(cloud.list("i").at("total_count"), "3");
    EXPECT_EQ(cloud.list("i").at("ext_text"), "");
}

TEST(SimulatorLikeness, PlaysNullsAndUnknownFieldsBack) {
    auto cloud = cloud_of("nulls");
    EXPECT_EQ(cloud.record(0), json::parse(R"({
        "source_database": "src", "target_database": "dst", "task_name": "copying", "status": "Yes", "stage": "full",
        "percentage": 42.5, "catchup_stage": null, "catchup_percentage": null, "is_need_repair": true, "is_main_task": null,
        "field-2": 1, "field-3": null})"));
    EXPECT_EQ(cloud.record(1), json::parse(R"({
        "source_database": "catching_up", "target_database": "catching_up", "task_name": "catching_up", "status": "No",
        "stage": "incremental", "percentage": 100, "catchup_stage": "full", "catchup_percentage": 7,
        "field-2": 1, "field-3": {"field-4": [{"field-5": "2026-01-01T00:00:00Z"}], "field-6": true}, "field-7": "x y"})"));
    EXPECT_EQ(cloud.record(2), json::parse(R"({
        "source_database": "waiting", "target_database": "waiting", "task_name": "waiting", "status": "Yes", "stage": "wait",
        "percentage": null, "catchup_stage": null, "catchup_percentage": null, "is_need_repair": null, "is_main_task": false,
        "field-2": 1, "field-3": null})"));
    EXPECT_EQ(cloud.list("i").at("total_count"), 3);
    EXPECT_EQ(cloud.list("i").at("field-1"), 1);
    EXPECT_TRUE(cloud.list("i").at("ext_text").is_null());
    EXPECT_TRUE(cloud.list("empty").at("replications").is_null());
    EXPECT_EQ(cloud.names("long", "?limit=5&offset=12"), "h j k l m"); // beyond the end
}

TEST(SimulatorLikeness, PlaysPagesBack) {
    auto cloud = cloud_of("short-pages");
    EXPECT_EQ(cloud.names("long", "?limit=100"), "a b c d e f g h j k");
    EXPECT_EQ(cloud.names("long", "?limit=100&offset=10"), "l m");
    EXPECT_EQ(cloud.names("long", "?limit=100&offset=12"), "");
    EXPECT_EQ(cloud.list("long").at("total_count"), 10);
    EXPECT_EQ(cloud.list("long", "?offset=10").at("total_count"), 2);
    EXPECT_FALSE(cloud.list("long").contains("ext_text"));
    EXPECT_TRUE(cloud.list("empty").at("replications").as_array().empty());
}

const std::string unknown_instance = "/v3/p/instances/nobody/starrocks/databases/replication";

TEST(SimulatorLikeness, WritesErrorsInTheirForm) {
    auto cloud = cloud_of("strings");
    const auto not_found = cloud.ask("GET", unknown_instance);
    EXPECT_EQ(not_found.status, 404);
    EXPECT_EQ(json::parse(not_found.body),
              json::parse(R"({"error": {"code": "DBS.201028", "message": "Instance not found.",
        "title": "x1"}})"));
    cloud.ask("POST", "/_control/faults", R"({"instance": "i", "status": 503})");
    const auto page = cloud.ask("GET", list_path);
    EXPECT_EQ(page.body, "<html><body><h1>The IAM service is temporarily unavailable</h1></body></html>");
    EXPECT_EQ(page.headers.front().second, "text/html");
    cloud.ask("DELETE", "/_control/faults");
    // A status that the report does not have, and a body that a fault names, stay as they are.
    EXPECT_EQ(cloud.outcome(cloud.ask("GET", list_path + "?limit=0")), "400 DBS.280439");
    cloud.ask("POST", "/_control/faults", R"({"instance": "i", "status": 404, "answer": "camel"})");
    EXPECT_EQ(json::parse(cloud.ask("GET", list_path).body),
              json::parse(R"({"errorCode": "DBS.200005", "errorMsg": "Server failure."})"));
}

TEST(SimulatorLikeness, WritesTheCamelFormAndUnknownFieldsOfErrors) {
    auto cloud = cloud_of("nulls");
    EXPECT_EQ(json::parse(cloud.ask("GET", unknown_instance).body),
              json::parse(R"({"errorCode": "DBS.201028", "errorMsg": "Instance not found."})"));
    cloud.ask("POST", "/_control/faults",
              R"({"instance": "i", "status": 503, "error_code": "A.1", "error_msg": "no"})");
    EXPECT_EQ(json::parse(cloud.ask("GET", list_path).body),
              json::parse(R"({"code": "A.1", "message": "no", "field-8": 1})"));
}

// The report of this name after one change: `from`, which it has, becomes `to`.
std::string mistake_after(const std::string& from, const std::string& to) {
    std::ifstream in(reports + "strings.json");
    std::ostringstream text;
    text << in.rdbuf();
    std::string report = text.str();
    const auto at = report.find(from);
    if (at == std::string::npos)
        return "the report has no " + from;
    report.replace(at, from.size(), to);
    try {
        read_likeness(report, "r.json");
        return "nothing";
    } catch (const report_error& e) {
        return e.what();
    }
}

TEST(SimulatorLikeness, NamesEveryMistakeWithItsPlace) {
    struct mistake {
        std::string from;
        std::string to;
        std::string expected;
    };
    const std::string record = "r.json: projects[0].calls.list.record.";
    const std::vector<mistake> table{
        {"{", "", "r.json: is not JSON: extra data"},
        {"replmond-doctor/1", "replmond-doctor/2",
         "r.json: format: must be 'replmond-doctor/1', not 'replmond-doctor/2'"},
        {"\"projects\"", "\"project\"", "r.json: needs 'projects'"},
        {"\"record\"", "\"records\"", "r.json: projects: must have one whose calls.list has a 'record'"},
        {"\"types\": {\"string\": 3}", "\"types\": {\"text\": 3}",
         "r.json: projects[0].calls.list.body.total_count.types: has no key 'text'; it has string, number, "
         "boolean, null, array, object, "
         "absent"},
        {"\"types\": {\"string\": 3}", "\"types\": {\"string\": 4}",
         "r.json: projects[0].calls.list.body.total_count.types: must add up to 'of', which is 3"},
        {"\"types\": {\"string\": 3}", "\"types\": {\"boolean\": 3}",
         "r.json: projects[0].calls.list.body.total_count: 'types' has 'boolean', which cannot be played "
         "back here; it can have string, "
         "number, null, absent"},
        {"\"of\": 3", "\"of\": \"3\"",
         "r.json: projects[0].calls.list.body.total_count.of: must be a whole number from 0 to 1000000"},
        {"\"status\"", "\"state\"", "r.json: projects[0].calls.list: record needs 'status'"},
        {"\"YES\": 11", "\"yES\": 11",
         record + "status: 'yES' must be in lower case, in upper case or capitalised"},
        {"\"limit\": 100", "\"limit\": 101",
         "r.json: projects[0].lists[0].readings[0].limit: must be from 1 to 100"},
        {"\"records\": 12, \"new\": 12", "\"records\": 12, \"new\": 13",
         "r.json: projects[0].lists[0].readings[0].pages[0].new: must not be more than 'records'"},
        {"\"total_counts\": \"all\"", "\"total_counts\": \"some\"",
         "r.json: projects[0].lists[0].total_counts: must be one of all, page, other, absent, unreadable, "
         "unknown, not 'some'"},
        {"\"short_pages\": false", "\"short_pages\": true",
         "r.json: projects[0].lists[0].short_pages: must be true where 'readings' has a short page that is "
         "followed by new records, and "
         "only there"},
        {"\"status\": 401", "\"status\": 200",
         "r.json: projects[0].errors[0].status: must be an HTTP status other than 200"},
        {"\"content\": \"json\"", "\"content\": \"xml\"",
         "r.json: projects[0].errors[0].content: must be one of json, html, text, empty, other, not 'xml'"},
    };
    for (const auto& [from, to, expected] : table)
        EXPECT_EQ(mistake_after(from, to), expected);
    EXPECT_EQ(mistake_after("replmond-doctor/1", "replmond-doctor/1"), "nothing");
    try {
        load_likeness("/nowhere/r.json");
        ADD_FAILURE();
    } catch (const report_error& e) {
        EXPECT_STREQ(e.what(), "/nowhere/r.json: cannot be read");
    }
}

} // namespace
} // namespace replmond::simulator
