#include "daemon/net/clocks.hpp"
#include "tests/monitor/fleet_stub.hpp"

/// What the fleet does about error texts: ask beside the polls, and never at their cost.
namespace replmond::testing {
namespace {

result<cloud::page> one_abnormal() {
    return page_of({task("t1", stage::incremental, status::no)});
}

result<cloud::task_configuration> because(std::string text) {
    cloud::task_configuration read;
    read.error_msg = std::move(text);
    return read;
}

TEST_F(FleetStub, TheReasonComesAfterTheAlert) {
    auto* const api = make_api([](const auto&) { return one_abnormal(); });
    api->why = [] { return because("disk full"); };
    watch("a", *api);
    begin();
    until([&] { return seen_.count("a", "replication_reason") == 1; });
    EXPECT_EQ(text_of(seen_.last("a", "replication_reason"), "reason"), "disk full");
    EXPECT_EQ(text_of(seen_.last("a", "replication_abnormal"), "reason"), "absent");
    until_polls("a", 3);
    EXPECT_EQ(api->asked_why.size(), 1U);
    EXPECT_EQ(api->asked_why[0].task_name, "t1");
    EXPECT_EQ(api->asked_why[0].instance_id, id_of("a"));
}

TEST_F(FleetStub, AReasonThatCannotBeHadFailsNoPoll) {
    auto* const api = make_api([](const auto&) { return one_abnormal(); });
    api->why = []() -> std::optional<result<cloud::task_configuration>> {
        failure why;
        why.result = poll_result::http;
        return why;
    };
    watch("a", *api);
    begin();
    until_polls("a", 6);
    EXPECT_EQ(api->asked_why.size(), 3U);
    EXPECT_EQ(polls("a"), polls("a", poll_result::success));
    EXPECT_EQ(seen_.count("a", "replication_reason"), 0U);
}

TEST_F(FleetStub, AReasonThatIsThrottledPausesTheInstance) {
    auto* const api = make_api([](const auto&) { return one_abnormal(); });
    api->why = []() -> std::optional<result<cloud::task_configuration>> {
        failure why;
        why.result = poll_result::throttled;
        why.http_status = 429;
        why.retry_after = std::chrono::minutes(2);
        return why;
    };
    watch("a", *api);
    begin();
    until([&] { return state("a").next_poll > net::wall_clock() + std::chrono::minutes(1); });
    EXPECT_EQ(polls("a"), 1U);
    EXPECT_EQ(api->asked_why.size(), 1U);
}

TEST_F(FleetStub, AReasonThatHangsCostsNoTick) {
    interval_ = std::chrono::milliseconds(100);
    auto* const api = make_api([](const auto&) { return one_abnormal(); });
    api->why = [] { return std::nullopt; };
    watch("a", *api);
    begin();
    until([&] { return polls("a") >= 4; });
    EXPECT_EQ(api->asked_why.size(), 3U);
    // A machine that stalls may miss a tick by itself, but not one for each request.
    EXPECT_LT(state("a").counters.polls_skipped, 3U);
}

TEST_F(FleetStub, StopWhileAReasonHangs) {
    interval_ = std::chrono::hours(1);
    auto* const api = make_api([](const auto&) { return one_abnormal(); });
    api->why = [] { return std::nullopt; };
    watch("a", *api);
    begin();
    until([&] { return api->asked_why.size() == 1; });
    stop();
    EXPECT_EQ(seen_.count("a", "poll_failed"), 0U);
}

// What the configuration API refuses is its own failure: said once for the project, and polls go on.
TEST_F(FleetStub, ReasonsThatAreRefusedAreToldOnceForTheProject) {
    auto* const api = make_api([](const auto&) { return one_abnormal(); });
    bool refuses = true;
    api->why = [&]() -> std::optional<result<cloud::task_configuration>> {
        if (!refuses)
            return because("disk full");
        failure why;
        why.result = poll_result::auth;
        why.http_status = 401;
        why.error_code = "APIGW.0301";
        return why;
    };
    watch("a", *api);
    watch("b", *api);
    begin();
    until([&] { return api->asked_why.size() >= 4; });
    const auto times_told = [&] {
        return seen_.count("a", "reason_failed") + seen_.count("b", "reason_failed");
    };
    EXPECT_EQ(times_told(), 1U);
    const event told = seen_.last(seen_.count("a", "reason_failed") > 0 ? "a" : "b", "reason_failed");
    EXPECT_EQ(text_of(told, "error_code"), "APIGW.0301");
    EXPECT_EQ(told.project, "prod");
    EXPECT_EQ(told.task, "t1");
    EXPECT_EQ(polls("a"), polls("a", poll_result::success));
    refuses = false;
    until([&] { return seen_.count("", "reason_recovered") == 1; });
    EXPECT_EQ(times_told(), 1U);
}

} // namespace
} // namespace replmond::testing
