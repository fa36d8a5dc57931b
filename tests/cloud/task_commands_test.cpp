#include "daemon/cloud/credential_sources.hpp"
#include "daemon/cloud/task_commands.hpp"
#include "tests/support/event_loop.hpp"
#include "tests/support/scripted_server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

/// What changes something, over a real client and sockets: that it is sent once, whatever happens.
namespace replmond::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using kind = cloud::change_outcome::kind;

const std::string instance = "0a1b2c3d4e5f60718293a4b5c6d7e8f9in17";
const std::string path = "/v3/p1/instances/" + instance + "/starrocks/databases/replication";

script answer(int status, std::string body) {
    script plan;
    plan.status = status;
    plan.body = std::move(body);
    return plan;
}

cloud::task_name named(const std::string& text) {
    return *cloud::task_name::from(text);
}

class TaskCommands : public ::testing::Test {
protected:
    void serve(request_handler handler) {
        auto remember = [this, handler = std::move(handler)](const request& r) {
            asked_.push_back(r);
            return handler(r);
        };
        server_ = std::make_unique<scripted_server>(loop_, std::move(remember));
        connect(server_->port());
    }

    void connect(std::uint16_t port) {
        http::origin to;
        to.tls = false;
        to.host = "127.0.0.1";
        to.port = port;
        cloud::authenticated_client_options access;
        access.language = language_;
        access.project_id = "p1";
        access.origin = to;
        access.client = client::make_http_client(to, {});
        auto read = [this]() -> result<cloud::credential> {
            cloud::credential c;
            c.secret = token_;
            return c;
        };
        access.keys = std::make_unique<cloud::credentials>(
            loop_.get_executor(), "p", cloud::make_local_source(std::move(read)),
            cloud::credential_callbacks{[](event) {}, [](bool, std::optional<timestamp>) {}});
        access.observer = [this](const cloud::sent_request& sent) {
            codes_.push_back(std::string(sent.operation) + ' ' + std::string(sent.code));
        };
        access.own_permits = std::make_shared<cloud::unlimited_permits>();
        line_ = std::make_shared<cloud::authenticated_client>(std::move(access));
        commands_ = std::make_unique<cloud::task_commands>(line_);
    }

    void TearDown() override {
        commands_.reset();
        line_.reset();
        server_.reset();
        run_dry(loop_);
    }

    cloud::change_outcome remove(const std::string& name) {
        return run(loop_, commands_->remove(instance, named(name), permits_, timeout_));
    }

    std::chrono::steady_clock::duration timeout_ = std::chrono::hours(1);
    boost::asio::io_context loop_;
    cloud::unlimited_permits permits_;
    std::unique_ptr<scripted_server> server_;
    std::shared_ptr<cloud::authenticated_client> line_;
    std::unique_ptr<cloud::task_commands> commands_;
    std::vector<request> asked_;
    std::vector<std::string> codes_;
    std::string token_ = "token-1";
    std::string language_ = "en-us";
};

TEST_F(TaskCommands, AskAsTheCloudWants) {
    serve([](const request&) { return answer(200, R"({"job_id":"j1"})"); });
    cloud::create_request::fields texts;
    texts.source_instance_id = "0123456789abcdef0123456789abcdefin07";
    texts.source_database = "orders";
    texts.target_database = "orders_sr";
    texts.task_name = "sync";
    const auto order = std::get<cloud::create_request>(cloud::create_request::from(texts));
    EXPECT_EQ(run(loop_, commands_->create(instance, order, permits_, timeout_)).job_id, "j1");
    EXPECT_EQ(run(loop_, commands_->pause(instance, named("sync"), permits_, timeout_)).job_id, "j1");
    EXPECT_EQ(run(loop_, commands_->resume(instance, named("sync"), permits_, timeout_)).job_id, "j1");
    EXPECT_EQ(remove("sync").job_id, "j1");

    std::vector<std::string> lines;
    for (const request& r : asked_)
        lines.push_back(r.method + ' ' + r.target);
    EXPECT_THAT(lines, ElementsAre("POST " + path, "POST " + path + "/pause", "POST " + path + "/resume",
                                   "DELETE " + path));
    EXPECT_EQ(asked_[0].body, order.body());
    for (const request& r : asked_) {
        EXPECT_THAT(r.body, HasSubstr(R"("task_name":"sync")"));
        EXPECT_EQ(r.header("Content-Type"), "application/json");
        EXPECT_EQ(r.header("X-Language"), "en-us");
        EXPECT_EQ(r.header("X-Auth-Token"), "token-1");
    }
    EXPECT_THAT(codes_, ElementsAre("create 200", "pause 200", "resume 200", "delete 200"));
}

TEST_F(TaskCommands, AskForErrorTextsInTheLanguageOfTheProject) {
    language_ = "zh-cn";
    serve([](const request&) {
        return answer(404, R"({"error_code":"DBS.201028","error_msg":"实例不存在"})");
    });
    EXPECT_THAT(remove("sync").why.error_msg, HasSubstr("实例不存在"));
    ASSERT_EQ(asked_.size(), 1U);
    EXPECT_EQ(asked_[0].header("X-Language"), "zh-cn");
}

TEST_F(TaskCommands, LostAnswersAreUnknownAndNothingIsSentAgain) {
    for (const fault how : {fault::reset_before_answer, fault::close_before_answer, fault::cut_after}) {
        asked_.clear();
        serve([how](const request&) {
            script plan = answer(200, R"({"job_id":"j1"})");
            plan.fault = how;
            plan.cut_at = 40;
            return plan;
        });
        EXPECT_EQ(remove("sync").how, kind::unknown);
        EXPECT_EQ(asked_.size(), 1U);
    }
}

TEST_F(TaskCommands, NoAnswerInTimeIsUnknown) {
    timeout_ = std::chrono::milliseconds(50);
    serve([](const request&) {
        script plan;
        plan.fault = fault::hang_before_answer;
        return plan;
    });
    const auto outcome = remove("sync");
    EXPECT_EQ(outcome.how, kind::unknown);
    EXPECT_EQ(outcome.why.result, poll_result::timeout);
    EXPECT_EQ(asked_.size(), 1U);
}

TEST_F(TaskCommands, ServerErrorsAreUnknown) {
    serve([](const request&) { return answer(500, R"({"error_code":"DBS.200005","error_msg":"no"})"); });
    const auto outcome = remove("sync");
    EXPECT_EQ(outcome.how, kind::unknown);
    EXPECT_EQ(outcome.why.error_code, "DBS.200005");
    EXPECT_EQ(asked_.size(), 1U);
}

TEST_F(TaskCommands, RefusedConnectionsSendNothing) {
    serve([](const request&) { return script(); });
    const auto port = server_->port();
    server_.reset();
    run_dry(loop_);
    connect(port);
    const auto outcome = remove("sync");
    EXPECT_EQ(outcome.how, kind::not_sent);
    EXPECT_EQ(outcome.why.result, poll_result::network);
}

// A kept connection may be closed in the very moment in which it is used: then nobody could tell.
TEST_F(TaskCommands, UseNoKeptConnection) {
    serve([](const request&) { return answer(200, "{}"); });
    EXPECT_TRUE(run(loop_, commands_->details(instance, named("sync"), permits_, timeout_)));
    EXPECT_TRUE(remove("sync").accepted());
    ASSERT_EQ(asked_.size(), 2U);
    EXPECT_NE(asked_[0].connection, asked_[1].connection);
}

// A 401 comes from the gateway: nothing was done, so a new token may be tried.
TEST_F(TaskCommands, ARenewedCredentialIsTriedOnce) {
    serve([this](const request& r) {
        if (r.header("X-Auth-Token") == "token-2")
            return answer(200, R"({"job_id":"j1"})");
        token_ = "token-2";
        return answer(401, R"({"error_code":"APIGW.0301","error_msg":"token expires"})");
    });
    EXPECT_TRUE(remove("sync").accepted());
    EXPECT_EQ(asked_.size(), 2U);
}

TEST_F(TaskCommands, WithoutACredentialNothingIsSent) {
    serve([](const request&) { return answer(401, R"({"error_code":"APIGW.0301","error_msg":"no"})"); });
    EXPECT_EQ(remove("sync").how, kind::refused);
    EXPECT_EQ(remove("sync").how, kind::not_sent); // held
    EXPECT_EQ(asked_.size(), 1U);
}

TEST_F(TaskCommands, DetailsNameTheTaskEncoded) {
    serve([](const request&) { return answer(200, R"({"source_instance_id":"s1"})"); });
    const auto read = run(loop_, commands_->details(instance, named("a b/订"), permits_, timeout_));
    ASSERT_TRUE(read);
    EXPECT_EQ(read->source_instance_id, "s1");
    EXPECT_EQ(asked_.at(0).target, path + "/configuration?task_name=a%20b%2F%E8%AE%A2");
}

} // namespace
} // namespace replmond::testing
