// Lines for the owner of the account.

#include "daemon/core/doctor/text_report.hpp"

#include <gtest/gtest.h>

namespace replmond::doctor {
namespace {

TEST(text_report, a_step_is_a_line) {
    const step_result step{.what = step::list,
                           .ended = verdict::fail,
                           .instance = "orders",
                           .seen = "http 403 DBS.200044: no",
                           .advice = "grant the permission"};
    EXPECT_EQ(line_of(step, std::nullopt),
              "  fail  task list         orders: http 403 DBS.200044: no; to do: grant the permission\n");
    EXPECT_EQ(line_of(step, 60), "  fail  task list         orders: http 403 DBS.200044: no;\n"
                                 "                          to do: grant the permission\n");
}

TEST(text_report, fields_that_nobody_knows_and_that_never_came) {
    findings all;
    project_findings project;
    project.project = "prod";
    http::http_response answer;
    answer.status = 200;
    answer.body = R"({"total_count":1,"replications":[{"task_name":"a","status":"Yes","stage":"Full",
        "percentage":1,"source_database":"a","target_database":"b","is_need_repair":false,
        "catchup_stage":null,"mine":"x"}]})";
    project.answers.take(call::list, answer);
    all.projects.push_back(project);
    const std::string text = describe_questions(all, std::nullopt);
    EXPECT_EQ(text.substr(0, text.find("  what total_count")),
              "what the lists are like\n"
              "  nobody knows        mine in list: 1 string (field-1 in the report)\n"
              "  never came          ext_text, catchup_percentage, is_main_task in list\n"
              "questions that are open in README\n"
              "  wire types of the list                  settled: total_count number, percentage number, "
              "is_need_repair boolean, is_main_task absent\n"
              "  case of stages                          settled: stages Full; statuses Yes\n");
}

} // namespace
} // namespace replmond::doctor
