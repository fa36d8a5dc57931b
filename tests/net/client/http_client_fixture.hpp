#pragma once

#include "daemon/net/async.hpp"
#include "daemon/net/client/http_client.hpp"
#include "tests/support/event_loop.hpp"
#include "tests/support/scripted_server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace replmond::testing {

using http::http_response;

inline script text_answer(std::string body) {
    script plan;
    plan.body = std::move(body);
    return plan;
}

inline script raw_answer(std::string bytes) {
    script plan;
    plan.fault = fault::raw;
    plan.raw = std::move(bytes);
    return plan;
}

inline script broken(fault how) {
    script plan = text_answer("never whole");
    plan.fault = how;
    return plan;
}

inline const std::string secret_token = "MIIQTOKEN-never-in-a-text";

/// A client of the daemon beside a scripted server, on one loop. Every request carries a secret.
class HttpClient : public ::testing::Test {
protected:
    static constexpr auto never = std::chrono::hours(1);
    static constexpr auto soon = std::chrono::milliseconds(30);

    /// Answers every request with what `handler` says, and keeps the requests.
    void serve(request_handler handler) {
        auto remember = [this, handler = std::move(handler)](const request& r) {
            seen_.push_back(r);
            return handler(r);
        };
        server_ = std::make_unique<scripted_server>(loop_, std::move(remember));
        http::origin to;
        to.tls = false;
        to.host = "127.0.0.1";
        to.port = server_->port();
        connect_to(to);
    }

    void answer(script plan) {
        serve([plan](const request&) { return plan; });
    }

    void connect_to(const http::origin& to) {
        to_ = to;
        reconnect();
    }

    /// A new client: no connection is kept.
    void reconnect() { client_ = client::make_http_client(to_, settings_); }

    static http::http_request make_request(std::string target = "/", std::string method = "GET") {
        http::http_request request;
        request.method = std::move(method);
        request.target = std::move(target);
        request.headers.emplace_back("X-Auth-Token", secret_token);
        return request;
    }

    result<http_response> get(const std::string& target = "/", net::steady_duration deadline = never) {
        return send(make_request(target), deadline);
    }

    result<http_response> send(const http::http_request& request, net::steady_duration deadline = never) {
        return run(loop_, client_->exchange(request, deadline));
    }

    static void expect_failure(const result<http_response>& answer, poll_result kind,
                               const std::string& text = "") {
        ASSERT_FALSE(answer) << "status " << answer->status << ", body " << answer->body.substr(0, 200);
        EXPECT_EQ(to_string(answer.error().result), to_string(kind));
        EXPECT_THAT(answer.error().error_msg, ::testing::HasSubstr(text));
        EXPECT_THAT(answer.error().error_msg, ::testing::Not(::testing::HasSubstr(secret_token)));
        EXPECT_NE(answer.error().error_msg, "");
        EXPECT_EQ(answer.error().http_status, 0);
    }

    static void expect_body(const result<http_response>& answer, const std::string& body) {
        ASSERT_TRUE(answer) << answer.error().error_msg;
        EXPECT_EQ(answer->body, body);
    }

    void TearDown() override {
        client_.reset();
        server_.reset();
        run_dry(loop_);
    }

    boost::asio::io_context loop_{1};
    client::client_settings settings_;
    std::unique_ptr<scripted_server> server_;
    http::origin to_;
    std::unique_ptr<client::http_client> client_;
    std::vector<request> seen_;
};

} // namespace replmond::testing
