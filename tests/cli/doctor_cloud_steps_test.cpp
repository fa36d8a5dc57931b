// What `replmond doctor` says of the answers of the cloud's API.

#include "daemon/cli/doctor_cloud_steps.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>

namespace replmond::cli {
namespace {

using doctor::step;
using doctor::verdict;

constexpr timestamp asked_at{std::chrono::seconds(1'800'000'000)};

failure answered(int status, poll_result result = poll_result::http) {
    failure why = make_failure(result, "it broke");
    why.http_status = status;
    return why;
}

const doctor::fact_value* fact_of(const doctor::step_result& ended, std::string_view name) {
    for (const doctor::fact& each : ended.facts) {
        if (each.name.text() == name)
            return &each.value;
    }
    return nullptr;
}

TEST(doctor_credential, says_when_it_expires) {
    cloud::credential_proof proof;
    proof.source = "token of user reader";
    EXPECT_EQ(accepted_credential(proof, config::token_auth{}, asked_at).seen,
              "token of user reader is accepted (auth.type token: token in the configuration); no end of it "
              "is known");
    proof.expires_at = asked_at + std::chrono::hours(1);
    const auto ended = accepted_credential(proof, config::token_auth{}, asked_at);
    EXPECT_EQ(ended.seen,
              "token of user reader is accepted (auth.type token: token in the configuration); it "
              "expires at 2027-01-15T09:00:00.000Z");
    ASSERT_TRUE(fact_of(ended, "expires_in_seconds"));
    EXPECT_EQ(std::get<std::int64_t>(*fact_of(ended, "expires_in_seconds")), 3600);
}

TEST(doctor_credential, only_a_refusal_asks_for_another_one) {
    const auto refused = failed_credential(answered(401, poll_result::auth), config::aksk_auth{});
    EXPECT_EQ(refused.ended, verdict::fail);
    EXPECT_EQ(refused.advice, "correct the credential; docs/credentials.md says what each refusal means");
    const auto silent = failed_credential(answered(503), config::aksk_auth{});
    EXPECT_EQ(silent.advice, "try again: the cloud did not say whether it accepts it");
}

TEST(doctor_listing, is_needed_only_where_the_project_discovers) {
    const auto needed = failed_listing(step::instances, answered(403), true);
    EXPECT_EQ(needed.ended, verdict::fail);
    EXPECT_EQ(
        needed.advice,
        "grant the credential gaussdb:instance:list and gaussdb:htapInstance:list, which discover needs");
    const auto spare = failed_listing(step::htap, answered(500), false);
    EXPECT_EQ(spare.ended, verdict::warn);
    EXPECT_EQ(spare.advice, "see the cloud's text, if you want to discover instances");
}

TEST(doctor_listing, counts_in_grammar) {
    EXPECT_EQ(htap_step(1, 1, 1).seen, "1 StarRocks instance on 1 of 1 TaurusDB instance that was asked");
    EXPECT_EQ(htap_step(4, 3, 7).seen, "4 StarRocks instances on 3 of 7 TaurusDB instances that were asked");
}

TEST(doctor_list, advises_by_the_answer) {
    EXPECT_EQ(
        failed_list(answered(403)).advice,
        "grant the credential gaussdbformysql:htapInstance:getReplication, or correct the id: the cloud "
        "says the same of both");
    failure of_iam = answered(403);
    of_iam.error_code = "IAM.0002";
    EXPECT_EQ(failed_list(of_iam).advice, "correct the credential first: this answer is IAM's");
    EXPECT_EQ(failed_list(answered(404)).advice, "is the id that of a StarRocks instance of this project?");
    EXPECT_EQ(failed_list(answered(429, poll_result::throttled)).advice,
              "lower rate_limit, or let others ask less");
    EXPECT_EQ(failed_list(answered(200, poll_result::protocol)).advice, "is the endpoint right?");
    EXPECT_EQ(failed_list(answered(500)).advice, "");
}

TEST(doctor_list, warns_of_words_that_nobody_knows) {
    doctor::list_form form;
    form.tasks = 2;
    form.stages = {{"incremental", 2}};
    form.statuses = {{"Yes", 2}};
    EXPECT_EQ(list_step(form).seen, "2 tasks: 2 incremental; status 2 Yes");
    form.stages = {{"incremental", 1}, {"other", 1}};
    const auto ended = list_step(form);
    EXPECT_EQ(ended.ended, verdict::warn);
    EXPECT_EQ(ended.advice, "show the report: the list has words that replmond does not know");
}

TEST(doctor_configuration, lacks_only_reasons_when_refused) {
    EXPECT_EQ(failed_configuration(answered(403)).ended, verdict::warn);
    const auto told = configuration_step("table t1: no primary key", true);
    EXPECT_EQ(told.seen, "error text: table t1: no primary key");
    EXPECT_TRUE(std::get<bool>(*fact_of(told, "has_error_text")));
    EXPECT_FALSE(std::get<bool>(*fact_of(configuration_step(std::nullopt, false), "has_error_text")));
}

TEST(doctor_rate_limit, counts_requests_and_answers_429) {
    doctor::header_form headers;
    const config::rate_limit limit{.requests = 200, .window = std::chrono::minutes(5)};
    EXPECT_EQ(rate_limit_step(headers, limit, 1).seen, "1 request of 200 in 5m that rate_limit allows; no "
                                                       "answer has a header about rates; no answer was 429");
    headers.rates["x-ratelimit-remaining"] = {"7", "8"};
    headers.throttled = 3;
    headers.throttled_with_retry_after = 1;
    const auto ended = rate_limit_step(headers, limit, 9);
    EXPECT_EQ(ended.ended, verdict::warn);
    EXPECT_EQ(ended.seen,
              "9 requests of 200 in 5m that rate_limit allows; seen: x-ratelimit-remaining 7 8; 1 of 3 "
              "answers 429 had Retry-After");
}

} // namespace
} // namespace replmond::cli
