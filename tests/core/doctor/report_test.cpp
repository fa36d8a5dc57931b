// The report for strangers: what it says, and that nothing else can be in it. Every field, name, header and
// text of a hostile cloud carries a mark, and no mark may be in the report.

#include "daemon/core/doctor/report.hpp"
#include "daemon/core/doctor/text_report.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include <array>
#include <cctype>
#include <string>
#include <string_view>
#include <vector>

namespace replmond::doctor {
namespace {

namespace json = boost::json;

// In texts, and as a number: no part of either may come through.
constexpr const char* mark = "MARKED";
constexpr const char* marked_number = "8675309123";

// Takes its own upper case out of the way, and looks for the marks.
void expect_no_mark(const std::string& report) {
    std::string lower = report;
    for (char& c : lower)
        c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    for (const char* each : {"marked", "8675309", "675309123"})
        EXPECT_EQ(lower.find(each), std::string::npos) << each << " in\n" << report;
}

std::vector<std::string> marked_texts() {
    std::vector<std::string> texts = {
        mark,
        std::string("MARKED-") + marked_number,
        marked_number,
        "marked@example.com",
        "https://marked.example.com/path?MARKED=1",
        "10.86.75.30 MARKED",
        "2026-11-22T01:24:35Z MARKED",
        "DBS.MARKED",
        "DBS.8675309123",
        "Incremental MARKED",
        " full\nMARKED ",
        "8675309123%",
        "\xE2\x80\xAEMARKED",
        "\"},\"MARKED\":{\"",
    };
    texts.push_back(std::string("MARKED0123456789abcdef0123456789ab"));
    return texts;
}

std::vector<json::value> marked_values() {
    std::vector<json::value> values;
    for (const std::string& text : marked_texts()) {
        values.emplace_back(json::string(text));
        values.emplace_back(json::object{{text, text}});
        values.emplace_back(json::array{json::string(text), json::object{{text, json::array{text}}}});
    }
    values.emplace_back(8675309123);
    values.emplace_back(8675309123.25);
    values.emplace_back(-8675309123);
    return values;
}

// Known names with marks at their ends or within, and names that could pass for a path.
std::vector<std::string> hostile_names() {
    std::vector<std::string> names = marked_texts();
    for (const char* known : {"stage", "total_count", "error_code", "instance_state"}) {
        names.push_back(std::string(known) + ".MARKED");
        names.push_back(std::string("MARKED.") + known);
        names.push_back(std::string(known) + " MARKED");
        names.push_back(std::string(known) + "[].MARKED");
    }
    return names;
}

std::vector<std::string> known_fields() {
    std::vector<std::string> fields;
    for (const call of : {call::list, call::configuration, call::instances, call::htap}) {
        for (const part in : {part::body, part::record})
            for_each_expected_field(of, in, [&](std::string_view path) { fields.emplace_back(path); });
    }
    for (const char* each : {"error_code", "error_msg", "code", "message", "errorCode", "errorMsg", "error",
                             "details", "request_id", "encoded_authorization_message", "database_repl_scope"})
        fields.emplace_back(each);
    return fields;
}

http::header_list marked_headers(const std::string& text) {
    http::header_list headers;
    for (const char* name : {"Content-Type", "Content-Length", "Date", "Location", "Retry-After", "Server",
                             "X-Request-Id", "X-Iam-Trace-Id", "Www-Authenticate", "X-RateLimit-Limit",
                             "X-RateLimit-Remaining", "X-RateLimit-Reset", "RateLimit", "RateLimit-Policy",
                             "X-Apig-RateLimit-Api", "Set-Cookie", "X-Subject-Token"})
        headers.emplace_back(name, text);
    headers.emplace_back("X-" + text, text);
    headers.emplace_back("X-RateLimit-Limit", "limit:" + text);
    return headers;
}

constexpr std::array every_call = {call::list, call::configuration, call::instances,
                                   call::htap, call::projects,      call::no_such_instance};

// Everything that a hostile cloud can say, as success and as error of every call.
void take_marks(answer_survey& survey) {
    const auto take = [&](const json::object& object, const std::string& text) {
        http::http_response answer;
        answer.headers = marked_headers(text);
        for (const call of : every_call) {
            json::object body = object;
            if (const auto records = records_of(of); !records.empty()) {
                answer.status = 200;
                json::object page = object;
                page[records] = json::array{object, text, 8675309123, json::array{object}};
                answer.body = json::serialize(page);
                survey.take(of, answer);
            }
            for (const int status : {200, 401, 403, 429, 500}) {
                answer.status = status;
                answer.body = json::serialize(body);
                survey.take(of, answer);
                answer.body = text;
                survey.take(of, answer);
            }
        }
    };
    for (const json::value& value : marked_values()) {
        json::object all;
        for (const std::string& field : known_fields())
            all[field] = value;
        take(all, mark);
        take({{"error", json::object{{"code", value}, {"message", value}}}, {"details", json::array{value}}},
             mark);
    }
    for (const std::string& text : marked_texts())
        take({{"task_name", text}}, text);
    for (const std::string& name : hostile_names())
        take({{name, name}, {"stage", json::object{{name, "full"}}}}, mark);
}

project_findings hostile_project() {
    project_findings project;
    project.project = "MARKED-project";
    project.region = "MARKED-region";
    take_marks(project.answers);
    failure why = make_failure(poll_result::http, "MARKED text");
    why.http_status = 403;
    why.error_code = "MARKED.8675309";
    why.request_id = mark;
    step_result failed = failed_step(step::list, why);
    failed.instance = "MARKED-instance";
    failed.task = "MARKED-task";
    failed.advice = "ask MARKED";
    project.steps.push_back(failed);
    why.error_code = "DBS.8675309123";
    project.steps.push_back(failed_step(step::htap, why));
    project.steps.push_back(skipped_step(step::tls, "since MARKED"));

    list_form list;
    list.instance = "MARKED-instance";
    for (const json::value& value : marked_values()) {
        json::object page{
            {"total_count", value},
            {"ext_text", value},
            {"replications",
             json::array{json::object{{"task_name", "MARKED"}, {"stage", value}, {"status", value}}}}};
        const std::string body = json::serialize(page);
        count_words(body, list);
        pass_reader pass(100);
        if (const auto decoded = cloud::decode_page(body))
            pass.take(*decoded);
        list.passes.push_back(pass.pass());
    }
    project.lists.push_back(list);
    return project;
}

TEST(report, strangers_see_no_mark_of_a_hostile_cloud) {
    findings all;
    all.version = "1.2.3";
    all.projects.push_back(hostile_project());
    const std::string report = to_json(all, audience::strangers);
    expect_no_mark(report);
    EXPECT_NE(report.find("\"field-1\""), std::string::npos);
    EXPECT_NE(report.find("\"instance-1\""), std::string::npos);
    EXPECT_TRUE(json::parse(report).is_object());
    // The owner sees them, so the marks were there.
    EXPECT_NE(to_json(all, audience::owner).find(mark), std::string::npos);
}

TEST(report, texts_for_a_terminal_hold_no_control_characters) {
    findings all;
    all.projects.push_back(hostile_project());
    all.projects.front().steps.front().seen = "a\x1b[2Jb\nc";
    std::string text = describe_questions(all, 80) + describe_questions(all, std::nullopt);
    for (const step_result& each : all.projects.front().steps)
        text += line_of(each, 80);
    for (const char c : text)
        EXPECT_TRUE(c == '\n' || static_cast<unsigned char>(c) >= ' ') << static_cast<int>(c);
    EXPECT_EQ(text.find("\xE2\x80\xAE"), std::string::npos);
}

TEST(report, placeholders_are_stable_within_it) {
    findings all;
    for (const char* name : {"b", "a"}) {
        project_findings project;
        project.project = name;
        project.region = "ap-southeast-3";
        project.steps.push_back({.what = step::list, .instance = "orders"});
        project.steps.push_back({.what = step::lag_table, .instance = "orders", .task = "t2"});
        project.steps.push_back({.what = step::lag_table, .instance = name, .task = "t1"});
        all.projects.push_back(project);
    }
    const json::value report = json::parse(to_json(all, audience::strangers));
    const json::array& projects = report.at("projects").as_array();
    EXPECT_EQ(projects[0].at("project"), "project-1");
    EXPECT_EQ(projects[1].at("project"), "project-2");
    EXPECT_EQ(projects[0].at("region"), "ap-southeast-3");
    for (const json::value& project : projects) {
        const json::array& steps = project.at("steps").as_array();
        EXPECT_EQ(steps[0].at("instance"), "instance-1");
        EXPECT_EQ(steps[1].at("instance"), "instance-1");
        EXPECT_EQ(steps[1].at("task"), "task-1");
        EXPECT_EQ(steps[2].at("task"), "task-2");
    }
    EXPECT_EQ(projects[1].at("steps").as_array()[2].at("instance"), "instance-3");
}

TEST(report, golden) {
    findings all;
    all.version = "1.2.3";
    all.took = milliseconds(1250);
    project_findings project;
    project.project = "prod";
    project.region = "ap-southeast-3";
    project.steps.push_back({.what = step::names,
                             .seen = "seen",
                             .facts = {{"addresses", std::int64_t{2}}, {"through_proxy", false}}});
    failure why = make_failure(poll_result::http, "no");
    why.http_status = 403;
    why.error_code = "DBS.200044";
    step_result failed = failed_step(step::list, why);
    failed.instance = "orders";
    failed.advice = "grant it";
    project.steps.push_back(failed);
    http::http_response answer;
    answer.status = 200;
    answer.body = R"({"total_count":"1","replications":[{"task_name":"a","stage":"Full","mine":1}]})";
    answer.headers = {{"X-Request-Id", "r"}, {"X-Mine", "m"}};
    project.answers.take(call::list, answer);
    all.projects.push_back(project);

    const json::value report = json::parse(to_json(all, audience::strangers));
    const json::object& top = report.get_object();
    EXPECT_EQ(top.at("format"), "replmond-doctor/1");
    EXPECT_EQ(top.at("version"), "1.2.3");
    EXPECT_EQ(top.at("verdict"), "fail");
    EXPECT_EQ(top.at("took_seconds"), 1.25);
    EXPECT_EQ(top.at("keeps").as_array().size(), 4U);
    const json::value& of = top.at("projects").as_array().front();
    EXPECT_EQ(of.at("steps"), json::parse(R"([
        {"step":"names","verdict":"ok","facts":{"addresses":2,"through_proxy":false}},
        {"step":"list","verdict":"fail","instance":"instance-1",
         "facts":{"result":"http","http_status":403,"error_code":"DBS.200044"}}])"));
    const json::value& list = of.at("calls").at("list");
    EXPECT_EQ(list.at("answers"), json::parse(R"({"200":1})"));
    EXPECT_EQ(
        list.at("body").at("total_count"),
        json::parse(R"({"known":true,"of":1,"types":{"string":1},"shapes":{"integer":1},"range":[1,1]})"));
    EXPECT_EQ(
        list.at("record").at("stage"),
        json::parse(R"({"known":true,"of":1,"types":{"string":1},"shapes":{"word":1},"words":{"Full":1}})"));
    EXPECT_EQ(list.at("record").at("field-1"),
              json::parse(R"({"known":false,"of":1,"types":{"number":1},"shapes":{"integer":1}})"));
    EXPECT_EQ(of.at("headers"), json::parse(R"({"answers":1,"seen":{"X-Request-Id":1},"others":1})"));
    EXPECT_EQ(of.at("lists"), json::array());
    EXPECT_EQ(of.at("errors"), json::array());
    EXPECT_EQ(top.at("questions").as_array().size(), 11U);
    EXPECT_FALSE(of.get_object().contains("field_names"));

    const json::value mine = json::parse(to_json(all, audience::owner));
    const json::value& owned = mine.at("projects").as_array().front();
    EXPECT_EQ(owned.at("field_names"), json::parse(R"({"field-1":"mine"})"));
    EXPECT_EQ(owned.at("steps").as_array()[1].at("instance"), "orders");
    EXPECT_EQ(owned.at("steps").as_array()[1].at("to_do"), "grant it");
    EXPECT_EQ(owned.at("steps").as_array()[1].at("seen"), "http 403 DBS.200044: no");
}

} // namespace
} // namespace replmond::doctor
