// Which open questions are settled by what.

#include "daemon/core/doctor/questions.hpp"

#include <gtest/gtest.h>

#include <string>

namespace replmond::doctor {
namespace {

http::http_response reply(int status, std::string body, http::header_list headers = {}) {
    http::http_response answer;
    answer.status = status;
    answer.body = std::move(body);
    answer.headers = std::move(headers);
    return answer;
}

std::string words_of(const project_findings& project, std::string_view name) {
    std::vector<project_findings> all;
    all.push_back(project);
    for (const question& each : answer_questions(all)) {
        if (each.name == name) {
            EXPECT_EQ(each.settled, each.words.starts_with("settled: "));
            return each.words;
        }
    }
    return "no such question";
}

list_pass pass_with(int limit, const std::vector<std::size_t>& pages, std::uint64_t total) {
    list_pass pass;
    pass.limit = limit;
    for (const std::size_t records : pages)
        pass.pages.push_back({pass.records(), records, records, total, false});
    return pass;
}

TEST(questions, nothing_seen_says_what_each_needs) {
    std::string text;
    for (const question& each : answer_questions({}))
        text += std::string(each.name) + ": " + each.words + '\n';
    EXPECT_EQ(text, "wire_types: not seen yet: needs a task\n"
                    "stage_case: not seen yet: needs a task\n"
                    "total_count: not seen yet: needs an instance with two tasks\n"
                    "short_pages: not seen yet: needs an instance with more tasks than its page_size of 100\n"
                    "catchup: not seen yet: needs a task that catches up\n"
                    "retry_after: not seen yet: needs an answer 429\n"
                    "inventory: not seen yet: needs an HTAP instance, and the permissions to list it\n"
                    "htap_permission: not seen yet: needs a credential that may not list HTAP instances\n"
                    "error_msg: not seen yet: needs an abnormal task\n"
                    "no_such_instance: not seen yet: needs a credential that may list tasks\n"
                    "mysql_protocol: not seen yet: needs lag with a login to StarRocks that works\n");
}

TEST(questions, the_list) {
    project_findings project;
    project.answers.take(call::list, reply(200, R"({"total_count":"2","replications":[
        {"task_name":"a","stage":"Full","status":"Yes","percentage":"1","catchup_stage":null},
        {"task_name":"b","stage":"full","status":"No","percentage":null}]})"));
    EXPECT_EQ(
        words_of(project, "wire_types"),
        "settled: total_count string, percentage null or string, is_need_repair absent, is_main_task absent");
    EXPECT_EQ(words_of(project, "stage_case"), "settled: stages Full, full; statuses No, Yes");
    EXPECT_EQ(words_of(project, "catchup"),
              "settled: they are sent: catchup_stage absent or null, catchup_percentage absent");
}

TEST(questions, paging) {
    project_findings project;
    project.lists.emplace_back().passes.push_back(pass_with(2, {2, 1, 0}, 3));
    EXPECT_EQ(words_of(project, "total_count"), "settled: it counts the records of all pages");
    EXPECT_EQ(words_of(project, "short_pages"),
              "not seen yet: needs an instance with more tasks than its page_size of 100");
    project.lists.emplace_back().passes.push_back(pass_with(100, {100, 20, 0}, 120));
    EXPECT_EQ(words_of(project, "short_pages"), "settled: pages of 100 records came full");
    project.lists.clear();
    project.lists.emplace_back().passes.push_back(pass_with(100, {50, 20, 0}, 70));
    EXPECT_EQ(words_of(project, "short_pages"), "settled: pages came shorter than asked for");
}

TEST(questions, errors) {
    project_findings project;
    project.answers.take(call::htap, reply(403, R"({"error_code":"DBS.200044","error_msg":"no"})"));
    project.answers.take(call::no_such_instance, reply(404, R"({"error_code":"DBS.201028"})"));
    project.answers.take(call::list, reply(429, "", {{"Retry-After", "30"}}));
    project.answers.take(call::list, reply(429, ""));
    EXPECT_EQ(words_of(project, "htap_permission"),
              "settled: without it the answer is 403 DBS.200044; see the cloud's text of the step HTAP list");
    EXPECT_EQ(words_of(project, "no_such_instance"), "settled: 404 DBS.201028");
    EXPECT_EQ(words_of(project, "retry_after"), "settled: 1 of 2 answers 429 had Retry-After");
}

TEST(questions, error_msg_needs_an_abnormal_task_unless_it_came) {
    project_findings project;
    project.answers.take(call::configuration, reply(200, R"({"last_error_of_alter_table":""})"));
    EXPECT_EQ(words_of(project, "error_msg"), "not seen yet: needs an abnormal task");
    project.steps.push_back({.what = step::configuration, .facts = {{"task_is_abnormal", true}}});
    EXPECT_EQ(words_of(project, "error_msg"), "settled: an abnormal task had none");
    project.answers.take(call::configuration, reply(200, R"({"error_msg":"secret"})"));
    EXPECT_EQ(words_of(project, "error_msg"), "settled: it is there: absent or string");
}

TEST(questions, lists_of_discovery_and_starrocks) {
    project_findings project;
    project.answers.take(call::instances, reply(200, R"({"total_count":1,"instances":[{"id":"x"}]})"));
    project.answers.take(call::htap,
                         reply(200, R"({"total":"1","instances":[{"engine_name":"star-rocks"}]})"));
    EXPECT_EQ(words_of(project, "inventory"),
              "settled: total_count number; engine_name string; total string");
    project.steps.push_back({.what = step::lag_login,
                             .facts = {{"database", public_word("starrocks")}, {"tls", public_word("off")}}});
    EXPECT_EQ(words_of(project, "mysql_protocol"), "settled: logged in, with tls off");
}

} // namespace
} // namespace replmond::doctor
