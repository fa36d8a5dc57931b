// Forms of errors and headers.

#include "daemon/core/doctor/answers.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace replmond::doctor {
namespace {

http::http_response answer_of(int status, std::string body, http::header_list headers = {}) {
    http::http_response answer;
    answer.status = status;
    answer.body = std::move(body);
    answer.headers = std::move(headers);
    return answer;
}

TEST(answer_survey, tells_the_body_from_its_records) {
    answer_survey survey;
    survey.take(call::list, answer_of(200, R"({"total_count":"1","replications":[{"task_name":"a"}]})"));
    survey.take(call::list, answer_of(200, "no JSON"));
    survey.take_unanswered(call::list);
    const call_form form = survey.calls().at(call::list);
    EXPECT_EQ(form.answers, (counts{{"200", 2}, {"none", 1}}));
    EXPECT_EQ(form.records, 1U);
    EXPECT_EQ(form.body.at("replications").types, (counts{{"array", 1}}));
    EXPECT_EQ(form.record.at("task_name").types, (counts{{"string", 1}}));
    EXPECT_FALSE(form.body.contains("replications[].task_name"));
}

TEST(answer_survey, each_form_of_an_error_once) {
    answer_survey survey;
    const http::header_list headers = {{"x-request-id", "r-1"}, {"Retry-After", "30"}, {"X-Mine", "1"}};
    for (int i = 0; i < 3; ++i)
        survey.take(call::htap, answer_of(403, R"({"error_code":"DBS.200044","error_msg":"no"})", headers));
    survey.take(call::htap, answer_of(502, "<html>", {{"Content-Type", "text/html; charset=utf-8"}}));
    survey.take(call::list, answer_of(404, ""));
    survey.take(call::list, answer_of(400, R"({"error":{"code":400,"message":"no"}})"));
    const auto errors = survey.errors();
    ASSERT_EQ(errors.size(), 4U);
    EXPECT_EQ(errors[0].code, "400");
    EXPECT_EQ(errors[0].body.at("error.code").types, (counts{{"number", 1}}));
    EXPECT_EQ(errors[1].content, "empty");
    EXPECT_EQ(errors[2].of, call::htap);
    EXPECT_EQ(errors[2].times, 3U);
    EXPECT_EQ(errors[2].code, "DBS.200044");
    EXPECT_EQ(errors[2].headers, (std::set<std::string>{"Retry-After", "X-Request-Id"}));
    EXPECT_EQ(errors[2].retry_after_seconds, 30);
    EXPECT_EQ(errors[3].content, "html");
}

TEST(answer_survey, headers_about_rates) {
    answer_survey survey;
    survey.take(call::list, answer_of(200, "{}",
                                      {{"X-RateLimit-Limit", "100"},
                                       {"x-apig-ratelimit-api", "remain:99,limit:100,time:1 minute"},
                                       {"X-RateLimit-Reset", "1763774675"},
                                       {"X-Secret", "1"}}));
    survey.take(call::list, answer_of(429, "", {{"Retry-After", "5"}}));
    survey.take(call::list, answer_of(429, ""));
    const header_form& form = survey.headers();
    EXPECT_EQ(form.answers, 3U);
    EXPECT_EQ(form.others, 1U);
    EXPECT_EQ(form.rates, (std::map<std::string, std::set<std::string>>{
                              {"X-RateLimit-Limit", {"100"}},
                              {"X-Apig-RateLimit-Api", {"remain:99,limit:100,time:1 minute"}},
                              {"X-RateLimit-Reset", {"other"}}}));
    EXPECT_EQ(form.throttled, 2U);
    EXPECT_EQ(form.throttled_with_retry_after, 1U);
}

TEST(known_names, codes_of_errors) {
    for (const char* code : {"DBS.200022", "APIG.0301", "APIGW.0301", "IAM.0002", "401"})
        EXPECT_EQ(public_error_code(code), code);
    EXPECT_EQ(public_error_code(""), "");
    for (const char* code : {"DBS.", "DBS.2000x", "DBS.123456789", "SECRET.1", "dbs.200022", "4011"})
        EXPECT_EQ(public_error_code(code), "other");
}

TEST(known_names, regions) {
    EXPECT_EQ(public_region("ap-southeast-3"), "ap-southeast-3");
    EXPECT_EQ(public_region("my-private-cloud"), "other");
}

} // namespace
} // namespace replmond::doctor
