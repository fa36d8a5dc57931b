#include "daemon/cloud/credential_sources.hpp"
#include "daemon/cloud/project_api.hpp"
#include "daemon/net/client/http_client.hpp"
#include "tests/monitor/fleet_fixture.hpp"
#include "tests/support/scripted_server.hpp"

#include <fmt/format.h>

#include <ostream>
#include <set>

/// The fleet over a real client and sockets, beside a scripted cloud.
namespace replmond::testing {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

const std::string token = "MIIQTOKEN-never-in-a-text";

std::string task_record(const std::string& name, const std::string& stage = "incremental",
                        const std::string& status = "Yes") {
    return fmt::format(R"({{"task_name":"{}","stage":"{}","status":"{}","percentage":"100%"}})", name, stage,
                       status);
}

script page(const std::vector<std::string>& records, std::optional<std::size_t> total = {}) {
    script plan;
    plan.body = fmt::format(R"({{"replications":[{}],"total_count":{}}})", fmt::join(records, ","),
                            total.value_or(records.size()));
    return plan;
}

script refusal(int status, const std::string& body = R"({"error_code":"DBS.1","error_msg":"no"})") {
    script plan;
    plan.status = status;
    plan.body = body;
    plan.headers.emplace_back("X-Request-Id", "r1");
    return plan;
}

script broken(fault how) {
    script plan = page({task_record("t1")});
    plan.fault = how;
    plan.cut_at = 60;
    return plan;
}

result<cloud::credential> token_credential(const std::string& text) {
    cloud::credential c;
    c.secret = text;
    return c;
}

class FleetCloud : public Fleet {
protected:
    void serve(request_handler handler, std::optional<std::string> project_id = "p1") {
        auto remember = [this, handler = std::move(handler)](const request& r) {
            asked_.push_back(r);
            return over_ ? script{} : handler(r); // what it refers to is gone with the test
        };
        server_ = std::make_unique<scripted_server>(loop_, std::move(remember));
        http::origin to;
        to.tls = false;
        to.host = "127.0.0.1";
        to.port = server_->port();
        cloud::authenticated_client_options access;
        access.project_id = std::move(project_id);
        access.region = "cn-north-4";
        access.origin = access.iam_origin = to;
        access.client = client::make_http_client(to, {});
        access.iam_client = client::make_http_client(to, {});
        access.keys = std::make_unique<cloud::credentials>(
            loop_.get_executor(), "p",
            cloud::make_local_source([this] { return token_credential(in_file_); }),
            cloud::credential_callbacks{[](event) {}, [](bool, std::optional<timestamp>) {}});
        access.observer = [this](const cloud::sent_request& sent) {
            codes_.insert(std::string(sent.operation) + ' ' + std::string(sent.code));
            EXPECT_GE(sent.took.count(), 0);
        };
        access.own_permits = std::make_shared<cloud::unlimited_permits>();
        api_ = cloud::make_project_api(std::move(access));
    }

    void TearDown() override {
        over_ = true;
        Fleet::TearDown();
        api_.reset();
        server_.reset();
        run_dry(loop_);
        for (const event& e : seen_.events) {
            for (const auto& [key, value] : e.fields)
                EXPECT_THAT(text_of(e, key), Not(HasSubstr(token)));
        }
    }

    static bool is_about(const request& r, const std::string& name) {
        return r.path.find(id_of(name)) != std::string::npos;
    }

    std::unique_ptr<scripted_server> server_;
    std::unique_ptr<cloud::project_api> api_;
    std::vector<request> asked_;
    std::set<std::string> codes_;
    std::string in_file_{token}; // what the token's file holds
    bool over_ = false;
};

TEST_F(FleetCloud, AsksAsTheCloudWants) {
    page_size_ = 2;
    const std::vector<std::string> all = {task_record("t1"), task_record("t2"), task_record("t3")};
    serve([&](const request& r) {
        return r.parameter("offset") == "0" ? page({all[0], all[1]}, 3) : page({all[2]}, 3);
    });
    watch("a", *api_);
    begin();
    until_polls("a", 1);
    EXPECT_EQ(state("a").tasks.size(), 3U);
    ASSERT_GE(asked_.size(), 2U);
    const std::string path = "/v3/p1/instances/" + id_of("a") + "/starrocks/databases/replication";
    EXPECT_EQ(asked_[0].method, "GET");
    EXPECT_EQ(asked_[0].target, path + "?limit=2&offset=0");
    EXPECT_EQ(asked_[1].target, path + "?limit=2&offset=2");
    for (const request& r : asked_) {
        EXPECT_EQ(r.header("X-Auth-Token"), token);
        EXPECT_EQ(r.header("X-Language"), "en-us");
        EXPECT_EQ(r.connection, 1U);
    }
    EXPECT_THAT(codes_, ElementsAre("list 200"));
}

TEST_F(FleetCloud, TheSameBytesAgainRepeatTheAlert) {
    settings_.repeat_interval = std::chrono::milliseconds(20);
    serve([](const request&) { return page({task_record("t1", "Incremental", "no")}); });
    watch("a", *api_);
    begin();
    until([&] { return seen_.count("a", "replication_abnormal") >= 3; });
    EXPECT_THAT(seen_.names("a"), Not(Contains("stage_transition")));
}

TEST_F(FleetCloud, UnexpectedValuesAreToldOnceAndCountedAtEveryPoll) {
    serve([](const request&) { return page({task_record("t1", "melting")}); });
    watch("a", *api_);
    begin();
    until_polls("a", 3);
    EXPECT_EQ(polls("a"), polls("a", poll_result::success));
    EXPECT_EQ(seen_.count("a", "unexpected_value"), 1U);
    EXPECT_GE(seen_.unexpected.size(), 3U);
    EXPECT_EQ(seen_.unexpected[0].value, "melting");
}

struct fault_case {
    std::string name;
    script plan;
    poll_result result;
    std::string code; // of replmond_api_requests_total
};

std::ostream& operator<<(std::ostream& out, const fault_case& c) {
    return out << c.name;
}

std::vector<fault_case> fault_cases() {
    std::vector<fault_case> cases;
    const auto add = [&](std::string name, script plan, poll_result result, std::string code) {
        cases.push_back(fault_case{std::move(name), std::move(plan), result, std::move(code)});
    };
    script redirect = refusal(302, "");
    redirect.headers.emplace_back("Location", "/elsewhere");
    script garbage = page({});
    garbage.body = "<html>login</html>";
    script other_json = page({});
    other_json.body = R"(["a"])";
    script no_http = broken(fault::raw);
    no_http.raw = "SSH-2.0\r\n\r\n";
    script packed = page({});
    packed.body = "\x1F\x8B\b";
    script marked = page({});
    marked.body = "\xEF\xBB\xBF" + marked.body;
    script bad_utf8 = page({task_record("\xff\xfe")});

    add("Throttled", refusal(429), poll_result::throttled, "429");
    add("Forbidden", refusal(403), poll_result::http, "403");
    add("Redirect", redirect, poll_result::http, "302");
    add("ServerError", refusal(500), poll_result::http, "500");
    add("NoContent", refusal(204, ""), poll_result::http, "204");
    add("Garbage", garbage, poll_result::protocol, "200");
    add("OtherJson", other_json, poll_result::protocol, "200");
    add("Packed", packed, poll_result::protocol, "200");
    add("Marked", marked, poll_result::protocol, "200");
    add("BadUtf8", bad_utf8, poll_result::protocol, "200");
    add("NoHttp", no_http, poll_result::protocol, "error");
    add("Hang", broken(fault::hang_before_answer), poll_result::timeout, "error");
    add("Close", broken(fault::close_before_answer), poll_result::network, "error");
    add("Reset", broken(fault::reset_before_answer), poll_result::network, "error");
    add("Cut", broken(fault::cut_after), poll_result::network, "error");
    return cases;
}

class FleetCloudFault : public FleetCloud, public ::testing::WithParamInterface<fault_case> {};

// Healthy, broken, healthy again; beside it an instance that is never broken.
TEST_P(FleetCloudFault, IsToldOnceHarmsNobodyAndRecovers) {
    const fault_case& how = GetParam();
    bool is_broken = false;
    serve([&](const request& r) {
        if (is_about(r, "bad"))
            return is_broken ? how.plan : page({task_record("t1"), task_record("t2")});
        return page({task_record("g1")});
    });
    // Only what hangs has a short time, and only at that instance.
    const bool waits = how.result == poll_result::timeout;
    watch("bad", *api_, waits ? std::chrono::milliseconds(1000) : std::chrono::milliseconds(patience));
    watch("good", *api_);
    begin();
    until([&] { return polls("bad", poll_result::success) >= 1 && polls("good") >= 1; });

    is_broken = true;
    const auto good_before = polls("good");
    until([&] { return polls("bad", how.result) >= 2 && polls("good") >= good_before + 2; });
    EXPECT_EQ(state("bad").tasks.size(), 2U);
    EXPECT_EQ(seen_.count("bad", "poll_failed"), 1U);
    const event& told = seen_.last("bad", "poll_failed");
    EXPECT_EQ(text_of(told, "result"), to_string(how.result));
    EXPECT_EQ(text_of(told, "http_status"), how.code == "error" ? "absent" : how.code);
    EXPECT_EQ(told.level, severity::warn);
    EXPECT_THAT(codes_, Contains("list " + how.code));

    is_broken = false;
    until([&] { return seen_.count("bad", "poll_recovered") == 1; });
    EXPECT_EQ(text_of(seen_.last("bad", "poll_recovered"), "failures"),
              std::to_string(polls("bad", how.result)));
    EXPECT_THAT(seen_.names("bad"),
                ElementsAre("task_discovered", "task_discovered", "poll_failed", "poll_recovered"));
    EXPECT_EQ(polls("good"), polls("good", poll_result::success));
    EXPECT_THAT(seen_.names("good"), ElementsAre("task_discovered"));
}

INSTANTIATE_TEST_SUITE_P(, FleetCloudFault, ::testing::ValuesIn(fault_cases()),
                         [](const auto& tested) { return tested.param.name; });

TEST_F(FleetCloud, TheCloudsWordsReachTheEvent) {
    serve([](const request&) {
        return refusal(403, R"({"error_code":"DBS.200022","error_msg":"not \"yours\""})");
    });
    watch("a", *api_);
    begin();
    until_polls("a", 1);
    const event& told = seen_.last("a", "poll_failed");
    EXPECT_EQ(text_of(told, "error_code"), "DBS.200022");
    EXPECT_EQ(text_of(told, "error_msg"), "not \"yours\"");
    EXPECT_EQ(text_of(told, "request_id"), "r1");
}

TEST_F(FleetCloud, ACloudThatIsNotThere) {
    serve([](const request&) { return page({task_record("t1")}); });
    server_options same_port;
    same_port.port = server_->port();
    server_->stop();
    watch("a", *api_);
    begin();
    until_polls("a", 2);
    EXPECT_EQ(polls("a"), polls("a", poll_result::network));
    EXPECT_THAT(text_of(seen_.last("a", "poll_failed"), "error_msg"), HasSubstr("Connection refused"));

    scripted_server back(
        loop_, [](const request&) { return page({task_record("t1")}); }, same_port);
    until([&] { return seen_.count("a", "poll_recovered") == 1; });
    stop();
}

TEST_F(FleetCloud, StopWhileRequestsHang) {
    settings_.concurrency = 2;
    serve([](const request&) { return broken(fault::hang_before_answer); });
    for (const auto* name : {"a", "b", "c"})
        watch(name, *api_);
    begin();
    until([&] { return asked_.size() == 1; }); // nobody was accepted with this token yet: one at a time
    stop();
    EXPECT_TRUE(seen_.events.empty());
}

TEST_F(FleetCloud, ARefusedTokenIsSentOnceByAllAndAgainWhenItsFileChanges) {
    serve([&](const request& r) {
        return r.header("X-Auth-Token") == token ? refusal(401) : page({task_record("t")});
    });
    for (const auto* name : {"a", "b", "c"})
        watch(name, *api_);
    begin();
    until([&] {
        return polls("a", poll_result::auth) >= 2 && polls("b", poll_result::auth) >= 2 &&
               polls("c", poll_result::auth) >= 2;
    });
    EXPECT_EQ(asked_.size(), 1U);
    EXPECT_EQ(seen_.count("a", "poll_failed"), 1U);

    in_file_ = "another";
    until([&] { return seen_.count("a", "poll_recovered") == 1 && seen_.count("c", "poll_recovered") == 1; });
}

// Nothing of a poll goes out while its project's id is not known: that is no reason to try at once again.
TEST_F(FleetCloud, AnIdThatCannotBeHadIsAskedForOnceByAll) {
    serve([](const request&) { return refusal(503); }, std::nullopt);
    for (const auto* name : {"a", "b", "c", "d"})
        watch(name, *api_);
    begin();
    until([&] {
        return polls("a", poll_result::http) >= 2 && polls("b", poll_result::http) >= 2 &&
               polls("c", poll_result::http) >= 2 && polls("d", poll_result::http) >= 2;
    });
    ASSERT_EQ(asked_.size(), 1U);
    EXPECT_EQ(asked_[0].path, "/v3/projects");
}

TEST_F(FleetCloud, AClosedConnectionCostsARequestOfItsOwn) {
    bool stale = true;
    serve([&](const request&) {
        return asked_.size() == 2 && std::exchange(stale, false) ? broken(fault::close_before_answer)
                                                                 : page({task_record("t1")});
    });
    watch("a", *api_);
    begin();
    until([&] { return polls("a", poll_result::success) >= 2; });
    EXPECT_EQ(polls("a"), polls("a", poll_result::success));
    EXPECT_THAT(codes_, Contains("list error"));
    EXPECT_EQ(fleet_->requests().scheduler().requests_in_window(1, fleet_->requests().up()),
              static_cast<int>(asked_.size()));
}

TEST_F(FleetCloud, ManyInstancesOverOneSlotShareOneConnection) {
    settings_.concurrency = 1;
    serve([](const request& r) { return page({task_record("of-" + r.path.substr(17, 1))}); });
    for (const auto* name : {"a", "b", "c", "d"})
        watch(name, *api_);
    begin();
    for (const auto* name : {"a", "b", "c", "d"}) {
        until([&] { return polls(name, poll_result::success) >= 2; });
        ASSERT_EQ(state(name).tasks.size(), 1U);
        EXPECT_EQ(state(name).tasks.begin()->first, std::string("of-") + name);
    }
    EXPECT_EQ(server_->connections(), 1U);
}

// What it was sent, in every field that is taken in; TearDown looks through the events.
TEST_F(FleetCloud, ACloudThatSendsTheTokenBack) {
    int asked = 0;
    serve([&](const request& r) {
        const std::string sent(r.header("X-Auth-Token").value_or(""));
        if (r.path.ends_with("configuration")) {
            script plan;
            plan.body = fmt::format(R"({{"error_msg":"you are {}"}})", sent);
            return plan;
        }
        if (++asked == 1) {
            script plan = refusal(403, fmt::format(R"({{"error_code":"{0}","error_msg":"no {0}"}})", sent));
            plan.headers.front().second = sent;
            return plan;
        }
        script plan = page({task_record("t " + sent, "stage " + sent, "No")}, 1);
        plan.body.insert(1, fmt::format(R"("ext_text":"{}",)", sent));
        return plan;
    });
    watch("a", *api_);
    begin();
    until([&] { return seen_.count("a", "replication_reason") == 1; });
    EXPECT_EQ(text_of(seen_.last("a", "poll_failed"), "error_msg"), "no <secret>");
    EXPECT_EQ(text_of(seen_.last("a", "poll_failed"), "error_code"), "<secret>");
    EXPECT_EQ(text_of(seen_.last("a", "poll_failed"), "request_id"), "<secret>");
    EXPECT_EQ(text_of(seen_.last("a", "replication_reason"), "reason"), "you are <secret>");
    ASSERT_EQ(state("a").tasks.size(), 1U);
    EXPECT_EQ(state("a").tasks.begin()->first, "t <secret>");
    EXPECT_EQ(text_of(seen_.last("a", "unexpected_value"), "value"), "stage <secret>");
    EXPECT_EQ(seen_.last("a", "replication_reason").task, "t <secret>");
}

} // namespace
} // namespace replmond::testing
