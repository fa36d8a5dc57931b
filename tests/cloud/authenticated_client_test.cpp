#include "daemon/cloud/authenticated_client.hpp"
#include "daemon/net/async.hpp"
#include "daemon/net/clocks.hpp"
#include "daemon/net/task_group.hpp"
#include "tests/support/event_loop.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

// How one project's requests are sent, with a source, permits and a cloud that are functions.
namespace replmond::cloud {
namespace {

namespace asio = boost::asio;
using ::testing::HasSubstr;
using ::testing::Not;
using std::chrono_literals::operator""ms;

class scripted_source final : public credential_source {
public:
    asio::awaitable<result<credential>> obtain() override {
        ++obtained;
        co_return next();
    }
    bool is_local() const override { return false; }
    asio::awaitable<std::optional<std::string>> fingerprint() override { co_return std::string(); }
    bool renewable() const override { return true; }
    void add_secrets(secret_mask& to) const override { to.add("metadata-token"); }

    std::function<result<credential>()> next;
    int obtained = 0;
};

// Like the real one it never waits where there is budget: whoever goes round here never ends.
class counting_gate final : public permit_source {
public:
    asio::awaitable<std::uint64_t> acquire() override {
        if (++admitted > 1000)
            throw std::runtime_error("a request goes round without an end");
        co_return 0;
    }
    void release(std::uint64_t, bool was_sent, int) override { sent += was_sent ? 1 : 0; }
    void release_slot() override {}

    int admitted = 0;
    int sent = 0;
};

class scripted_client final : public client::http_client {
public:
    explicit scripted_client(std::function<http::http_response(const http::http_request&)> answer)
        : answer_(std::move(answer)) {}

    asio::awaitable<result<http::http_response>> exchange(const http::http_request& request,
                                                          net::steady_duration) override {
        co_return answer_(request);
    }
    asio::awaitable<result<http::http_response>> exchange_counted(const http::http_request& request,
                                                                  net::steady_duration, bool&) override {
        co_return answer_(request);
    }
    asio::awaitable<result<http::http_response>> exchange_once(const http::http_request& request,
                                                               net::steady_duration, bool& sent) override {
        sent = true;
        co_return answer_(request);
    }

private:
    std::function<http::http_response(const http::http_request&)> answer_;
};

class AuthenticatedClient : public ::testing::Test {
protected:
    AuthenticatedClient() {
        auto source = std::make_unique<scripted_source>();
        source_ = source.get();
        credential_callbacks callbacks;
        callbacks.log = [this](const event& e) { said_.push_back(e); };
        callbacks.state = [](bool, std::optional<timestamp>) {};
        authenticated_client_options access;
        access.project_id = "p1";
        access.origin.host = access.iam_origin.host = "cloud.example";
        const auto answer = [this](const http::http_request& request) { return cloud_(request); };
        access.client = std::make_unique<scripted_client>(answer);
        access.iam_client = std::make_shared<scripted_client>(answer);
        access.keys = std::make_unique<credentials>(loop_.get_executor(), "p", std::move(source), callbacks);
        access.keys->also_secret("proxy-password");
        access.own_permits = std::make_shared<unlimited_permits>();
        access.observer = [](const sent_request&) {};
        line_ = std::make_unique<authenticated_client>(std::move(access));
    }

    static credential key(std::optional<timestamp> expires_at = std::nullopt) {
        credential c;
        c.secret = signing_key{"AKID", "secret-key", "security-token"};
        c.expires_at = expires_at;
        c.source = "test key";
        return c;
    }

    result<http::http_response> get(std::string_view operation = "list") {
        return testing::run(loop_, line_->get(operation, "/list", permits_, std::chrono::seconds(1)));
    }

    void rest(milliseconds length) {
        asio::steady_timer timer(loop_, length);
        bool over = false;
        timer.async_wait([&](const boost::system::error_code&) { over = true; });
        testing::run_until(loop_, [&] { return over; });
    }

    asio::io_context loop_{1};
    std::function<http::http_response(const http::http_request&)> cloud_ = [](const http::http_request&) {
        return http::http_response{200, {}, "{}"};
    };
    scripted_source* source_ = nullptr;
    counting_gate permits_;
    std::vector<event> said_;
    std::unique_ptr<authenticated_client> line_;
};

TEST_F(AuthenticatedClient, AKeyThatEndsAtOnceIsAFailure) {
    const timestamp end = net::wall_clock() + 30ms;
    source_->next = [&] { return result<credential>(key(end)); };
    ASSERT_TRUE(get());
    while (net::wall_clock() <= end)
        rest(5ms);
    const auto refused = get();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().result, poll_result::auth);
    EXPECT_EQ(
        refused.error().error_msg,
        "replmond sent nothing: the credential has expired, and its source was asked less than a second ago");
    EXPECT_EQ(permits_.admitted, 1);
    EXPECT_EQ(source_->obtained, 1);
}

// As some metadata services do: the same key until it ends, and still then.
TEST_F(AuthenticatedClient, ASourceThatRepeatsAKeyUntilItHasEndedIsAskedOnceASecond) {
    const timestamp end = net::wall_clock() + 1100ms;
    source_->next = [&] { return result<credential>(key(end)); };
    int asked = 0;
    for (; source_->obtained < 3; ++asked) {
        const auto answer = get();
        EXPECT_THAT(answer ? "" : answer.error().error_msg, ::testing::AnyOf("", HasSubstr("has expired")));
        rest(10ms);
    }
    EXPECT_LE(permits_.admitted, asked) << "none goes round";
    EXPECT_EQ(permits_.sent, permits_.admitted);
    // By our clock alone it has ended: whether it has, the cloud says.
    ASSERT_TRUE(get());
    ASSERT_EQ(said_.size(), 1U);
    EXPECT_EQ(said_[0].name, "credential_expired");
    cloud_ = [](const http::http_request&) { return http::http_response{401, {}, "{}"}; };
    EXPECT_FALSE(get());
    EXPECT_EQ(said_.back().name, "credential_refused");
    EXPECT_FALSE(get());
    EXPECT_EQ(source_->obtained, 4) << "once more for the 401, and then it is held";
}

std::string everything_of(const http::http_response& answer) {
    std::string all = answer.body;
    for (const auto& [name, value] : answer.headers)
        all += '\n' + value;
    return all;
}

std::string everything_of(const failure& why) {
    return why.error_code + '\n' + why.error_msg + '\n' + why.request_id;
}

// All that was sent, and more that the project has.
http::http_response echo(int status, const http::http_request& request) {
    std::string sent = "secret-key proxy-password metadata-token";
    for (const auto& [name, value] : request.headers)
        sent += ' ' + value;
    http::http_response answer{
        status, {}, R"({"error_code":")" + sent + R"(","error_msg":")" + sent + R"("})"};
    answer.headers.emplace_back("X-Request-Id", sent);
    return answer;
}

TEST_F(AuthenticatedClient, WhatTheCloudSendsBackHoldsNoSecret) {
    source_->next = [] { return result<credential>(key()); };
    for (const int status : {200, 403, 500, 401}) {
        std::string signature;
        cloud_ = [&](const http::http_request& request) {
            const std::string sent(http::find_header(request.headers, "Authorization"));
            signature = sent.substr(sent.find("Signature=") + 10);
            return echo(status, request);
        };
        const auto answer = get();
        const std::string all = answer ? everything_of(*answer) : everything_of(answer.error());
        for (const char* secret : {"secret-key", "security-token", "proxy-password", "metadata-token"})
            EXPECT_THAT(all, Not(HasSubstr(secret))) << status;
        EXPECT_THAT(all, HasSubstr("<secret>"));
        EXPECT_THAT(all, Not(HasSubstr(signature)));
    }
    ASSERT_EQ(said_.size(), 1U);
    EXPECT_EQ(said_[0].name, "credential_refused");
    for (const auto& [name, value] : said_[0].fields) {
        const auto* text = std::get_if<std::string>(&value);
        EXPECT_THAT(text == nullptr ? "" : *text, Not(HasSubstr("secret-key"))) << name;
    }
}

TEST_F(AuthenticatedClient, ABodyThatIsKnownIsNotLookedThrough) {
    source_->next = [] { return result<credential>(key()); };
    cloud_ = [](const http::http_request&) {
        http::http_response answer{200, {{"X-Request-Id", "secret-key"}}, {}};
        answer.has_known_body = true;
        return answer;
    };
    const auto answer = get();
    ASSERT_TRUE(answer);
    EXPECT_TRUE(answer->has_known_body);
    EXPECT_EQ(answer->headers[0].second, "secret-key");
}

TEST_F(AuthenticatedClient, A401OfTheConfigurationIsItsOwnFailure) {
    source_->next = [] { return result<credential>(key()); };
    ASSERT_TRUE(get());
    cloud_ = [](const http::http_request&) { return http::http_response{401, {}, "{}"}; };
    for (int i = 0; i < 3; ++i) {
        const auto refused = get("configuration");
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().http_status, 401);
    }
    cloud_ = [](const http::http_request&) { return http::http_response{200, {}, "{}"}; };
    EXPECT_TRUE(get());
    EXPECT_EQ(permits_.sent, 5);
    EXPECT_TRUE(said_.empty());
}

} // namespace
} // namespace replmond::cloud
