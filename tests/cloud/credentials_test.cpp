#include "daemon/cloud/credentials.hpp"
#include "daemon/net/async.hpp"
#include "daemon/net/task_group.hpp"
#include "tests/support/event_loop.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>

// What a project's credential does for many requests at once, with a source and a cloud that are functions.
namespace replmond::cloud {
namespace {

namespace asio = boost::asio;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

credential key(const std::string& secret) {
    credential c;
    c.secret = signing_key{"AK", secret, std::nullopt};
    c.source = "test key";
    return c;
}

failure why(poll_result kind, const char* text) {
    failure f;
    f.result = kind;
    f.error_msg = text;
    return f;
}

// Gives what the test says, each time after a turn of the loop.
class source_with_events final : public credential_source {
public:
    asio::awaitable<result<credential>> obtain() override {
        ++obtained;
        auto executor = co_await asio::this_coro::executor;
        asio::steady_timer turn(executor, std::chrono::steady_clock::duration(0));
        co_await turn.async_wait(net::nothrow);
        co_return next();
    }
    bool is_local() const override { return lies_here; }
    asio::awaitable<std::optional<std::string>> fingerprint() override {
        ++looked;
        auto executor = co_await asio::this_coro::executor;
        asio::steady_timer turn(executor, std::chrono::steady_clock::duration(0));
        co_await turn.async_wait(net::nothrow);
        co_return local;
    }
    bool renewable() const override { return renews; }
    void add_secrets(secret_mask& to) const override { to.add("the password"); }

    std::function<result<credential>()> next = [] { return result<credential>(key("right")); };
    std::optional<std::string> local = "v1"; ///< nothing: it hangs
    bool lies_here = true;
    bool renews = false;
    int obtained = 0;
    int looked = 0;
};

class Credentials : public ::testing::Test {
protected:
    Credentials() : group_(loop_.get_executor()) { begin("v1"); }

    void begin(const char* local) {
        auto source = std::make_unique<source_with_events>();
        source_ = source.get();
        source_->local = local;
        credential_callbacks callbacks;
        callbacks.log = [this](event e) { said_.push_back(e.name); };
        callbacks.state = [this](bool usable, std::optional<timestamp>) { usable_.push_back(usable); };
        keys_ =
            std::make_unique<credentials>(loop_.get_executor(), "p", std::move(source), std::move(callbacks));
    }

    // One request as project_api sends it: the status, -1 where nothing was sent.
    asio::awaitable<void> request(asked_by operation = asked_by::list) {
        for (bool again = false;; again = true) {
            auto leave = co_await keys_->acquire(operation);
            if (!leave) {
                statuses_.push_back(-1);
                last_failure_ = leave.error();
                co_return;
            }
            most_at_once_ = std::max(most_at_once_, ++under_way_);
            ++sent_;
            const int status = answer_(leave->secret());
            auto executor = co_await asio::this_coro::executor;
            asio::steady_timer turn(executor, std::chrono::milliseconds(1));
            co_await turn.async_wait(net::nothrow);
            --under_way_;
            http::http_response answer;
            answer.status = status;
            answer.body = R"({"error_code":"APIGW.0301","error_msg":"no"})";
            const result<http::http_response> outcome(std::move(answer));
            const bool may_repeat = co_await keys_->report(std::move(*leave), outcome, operation);
            if (!may_repeat || again) {
                statuses_.push_back(status);
                co_return;
            }
        }
    }

    // Sends so many at once, until all have ended.
    void send(int requests, asked_by operation = asked_by::list) {
        statuses_.clear();
        sent_ = 0;
        for (int i = 0; i < requests; ++i)
            group_.spawn(request(operation));
        testing::run_until(loop_, [&] { return statuses_.size() == static_cast<std::size_t>(requests); });
        testing::run_until(loop_, [&] { return group_.size() == 0; });
    }

    static std::string secret_of(const credential& c) { return std::get<signing_key>(c.secret).secret; }

    asio::io_context loop_{1};
    source_with_events* source_ = nullptr;
    std::unique_ptr<credentials> keys_;
    net::task_group group_;
    std::function<int(const credential&)> answer_ = [](const credential& c) {
        return secret_of(c) == "right" ? 200 : 401;
    };
    std::vector<int> statuses_;
    std::vector<std::string> said_;
    std::vector<bool> usable_;
    failure last_failure_;
    int sent_ = 0;
    int under_way_ = 0;
    int most_at_once_ = 0;
};

TEST_F(Credentials, ObtainedOnceForAll) {
    send(16);
    EXPECT_EQ(source_->obtained, 1);
    EXPECT_EQ(statuses_, std::vector<int>(16, 200));
    EXPECT_GT(most_at_once_, 1) << "once it is proven, they go together";
}

TEST_F(Credentials, AWrongKeyIsSentOnce) {
    source_->next = [] { return result<credential>(key("wrong")); };
    send(16);
    EXPECT_EQ(sent_, 1);
    EXPECT_EQ(std::count(statuses_.begin(), statuses_.end(), -1), 15);
    EXPECT_EQ(last_failure_.result, poll_result::auth);
    EXPECT_THAT(last_failure_.error_msg, HasSubstr("holds the credential back"));
    send(16);
    EXPECT_EQ(sent_, 0);
    EXPECT_THAT(said_, ElementsAre("credential_refused"));
    EXPECT_THAT(usable_.back(), false);
}

TEST_F(Credentials, AChangedFileEndsTheHold) {
    source_->next = [] { return result<credential>(key("wrong")); };
    send(4);
    source_->next = [] { return result<credential>(key("right")); };
    source_->local = "v2";
    send(4);
    EXPECT_EQ(statuses_, std::vector<int>(4, 200));
    EXPECT_THAT(said_, ElementsAre("credential_refused", "credential_accepted"));
    EXPECT_THAT(usable_.back(), true);
}

TEST_F(Credentials, ARotatedFileIsReadAgainAfterARefusal) {
    send(4);
    answer_ = [](const credential& c) { return secret_of(c) == "new" ? 200 : 401; };
    source_->next = [] { return result<credential>(key("new")); };
    source_->local = "v2";
    send(1);
    EXPECT_EQ(statuses_, std::vector<int>{200});
    EXPECT_EQ(sent_, 2) << "refused once, repeated once";
    EXPECT_THAT(said_, ElementsAre());
}

TEST_F(Credentials, ATokenThatEndedIsRenewedOnceForAll) {
    source_->renews = true;
    int issued = 0;
    source_->next = [&] { return result<credential>(key("token " + std::to_string(++issued))); };
    int valid = 1;
    answer_ = [&](const credential& c) {
        return secret_of(c) == "token " + std::to_string(valid) ? 200 : 401;
    };
    send(8);
    valid = 2;
    send(8);
    EXPECT_EQ(statuses_, std::vector<int>(8, 200));
    EXPECT_EQ(source_->obtained, 2);
}

TEST_F(Credentials, AFreshTokenThatIsRefusedToo) {
    source_->renews = true;
    answer_ = [](const credential&) { return 200; };
    send(1);
    answer_ = [](const credential&) { return 401; };
    source_->next = [] { return result<credential>(key("another")); };
    send(8);
    EXPECT_EQ(source_->obtained, 2);
    EXPECT_LE(sent_, 9) << "the eight that were on their way together, and one with the new token";
    EXPECT_THAT(said_, ElementsAre("credential_refused"));
    send(8);
    EXPECT_EQ(sent_, 0);
}

TEST_F(Credentials, ASourceThatRefusesIsNotAskedAgain) {
    source_->next = [] { return result<credential>(why(poll_result::auth, "wrong password")); };
    send(16);
    EXPECT_EQ(source_->obtained, 1);
    EXPECT_EQ(sent_, 0);
    EXPECT_THAT(said_, ElementsAre("credential_refused"));
    send(16);
    EXPECT_EQ(source_->obtained, 1);
}

TEST_F(Credentials, ASourceThatFailsIsNotAskedByEverybody) {
    source_->next = [] { return result<credential>(why(poll_result::network, "no route")); };
    send(16);
    EXPECT_EQ(source_->obtained, 1);
    EXPECT_EQ(last_failure_.result, poll_result::network);
    EXPECT_THAT(said_, ElementsAre());
}

TEST_F(Credentials, ASourceThatGivesWhatHasEndedIsNotAskedInALoop) {
    source_->renews = true;
    int issued = 0;
    source_->next = [&] {
        credential ended = key("right");
        std::get<signing_key>(ended.secret).access = "AK" + std::to_string(++issued);
        ended.expires_at = timestamp(); // by our clock: the cloud may see it otherwise
        return result<credential>(std::move(ended));
    };
    send(8);
    EXPECT_EQ(statuses_, std::vector<int>(8, 200));
    EXPECT_EQ(issued, 1);
    EXPECT_THAT(said_, ElementsAre("credential_expired")) << "once";
}

// What is good is not for our clock to say: a request that waits for that would wait for ever.
TEST_F(Credentials, WhatHasEndedByOurClockIsGood) {
    source_->next = [] {
        credential ended = key("right");
        ended.expires_at = timestamp();
        return result<credential>(std::move(ended));
    };
    auto leave = testing::run(loop_, keys_->acquire());
    ASSERT_TRUE(leave);
    EXPECT_TRUE(keys_->still_good(*leave, asked_by::list));
}

TEST_F(Credentials, AHoldGoesOnOverAnotherConnection) {
    source_->next = [] { return result<credential>(key("wrong")); };
    send(2);
    ASSERT_THAT(said_, ElementsAre("credential_refused"));
    const auto before = std::move(keys_);
    begin("v1");
    keys_->take_over_from(*before);
    EXPECT_FALSE(usable_.back());
    send(2);
    EXPECT_EQ(statuses_, std::vector<int>(2, -1));
    EXPECT_EQ(sent_, 0);
    EXPECT_EQ(source_->obtained, 0);
    source_->local = "v2"; // another key
    send(2);
    EXPECT_EQ(statuses_, std::vector<int>(2, 200));
}

TEST_F(Credentials, AGoodOneGoesOnOverAnotherConnection) {
    send(2);
    const auto before = std::move(keys_);
    begin("v1");
    keys_->take_over_from(*before);
    EXPECT_TRUE(usable_.back());
    send(4);
    EXPECT_EQ(source_->obtained, 0);
    EXPECT_GT(most_at_once_, 1) << "it is proven";
}

TEST_F(Credentials, ForbiddenIsNoRefusal) {
    answer_ = [](const credential&) { return 403; };
    send(4);
    EXPECT_EQ(statuses_, std::vector<int>(4, 403));
    EXPECT_THAT(said_, ElementsAre());
}

TEST_F(Credentials, NoAnswerProvesNothing) {
    answer_ = [](const credential&) { return 503; };
    send(4);
    EXPECT_EQ(sent_, 4);
    EXPECT_EQ(most_at_once_, 1) << "each finds out by itself";
}

TEST_F(Credentials, ACancelledProbeLetsTheNextOneTry) {
    answer_ = [](const credential&) { return 200; };
    {
        net::task_group doomed(loop_.get_executor());
        doomed.spawn(request());
        testing::run_until(loop_, [&] { return under_way_ == 1; });
        asio::post(loop_, [&] { doomed.stop(); });
        testing::run_until(loop_, [&] { return doomed.size() == 0; });
    }
    send(2);
    EXPECT_EQ(statuses_, std::vector<int>(2, 200));
}

// The configuration API answers 401, and the list 200, with the same key.
TEST_F(Credentials, AnotherOperationThanTheListCannotRefuseWhatTheListAccepts) {
    send(2);
    const int looked = source_->looked;
    answer_ = [](const credential&) { return 401; };
    send(8, asked_by::other);
    EXPECT_EQ(statuses_, std::vector<int>(8, 401));
    EXPECT_EQ(sent_, 8) << "each once: no other key can help";
    EXPECT_EQ(source_->obtained, 1);
    EXPECT_EQ(source_->looked, looked);
    answer_ = [](const credential&) { return 200; };
    send(8);
    EXPECT_EQ(statuses_, std::vector<int>(8, 200));
    EXPECT_THAT(said_, ElementsAre());
    EXPECT_TRUE(usable_.back());
}

TEST_F(Credentials, AnotherOperationRefusesWhatNoListHasAccepted) {
    send(2, asked_by::other);
    answer_ = [](const credential&) { return 401; };
    send(4, asked_by::other);
    EXPECT_THAT(said_, ElementsAre("credential_refused"));
    send(4, asked_by::other);
    EXPECT_EQ(statuses_, std::vector<int>(4, -1));
    EXPECT_EQ(sent_, 0);

    send(4); // the list finds out, with one request
    EXPECT_EQ(std::count(statuses_.begin(), statuses_.end(), 401), 1);
    EXPECT_EQ(sent_, 1);
    send(4);
    EXPECT_EQ(sent_, 0);
    EXPECT_THAT(said_, ElementsAre("credential_refused"));
}

// Discovery that may not ask comes first after a start: polls must not stand still for five minutes.
TEST_F(Credentials, TheListGoesOnWhereAnotherOperationWasRefusedFirst) {
    answer_ = [](const credential&) { return 401; };
    send(1, asked_by::other);
    EXPECT_THAT(said_, ElementsAre("credential_refused"));
    answer_ = [](const credential&) { return 200; };
    send(8);
    EXPECT_EQ(statuses_, std::vector<int>(8, 200));
    EXPECT_THAT(said_, ElementsAre("credential_refused", "credential_accepted"));
    EXPECT_TRUE(usable_.back());
    answer_ = [](const credential&) { return 401; };
    send(1, asked_by::other);
    EXPECT_EQ(statuses_, std::vector<int>(1, 401));
    EXPECT_THAT(said_, ElementsAre("credential_refused", "credential_accepted"));
}

TEST_F(Credentials, SixteenThatAreRefusedTogetherReadTheFilesOnce) {
    send(16);
    const int looked = source_->looked;
    answer_ = [](const credential&) { return 401; };
    send(16);
    EXPECT_EQ(std::count(statuses_.begin(), statuses_.end(), 401), 16);
    EXPECT_EQ(source_->looked, looked + 1);
}

TEST_F(Credentials, WhileItIsHeldTheFilesAreReadOnceForAllWhoAskTogether) {
    source_->next = [] { return result<credential>(key("wrong")); };
    send(1);
    const int looked = source_->looked;
    send(16);
    EXPECT_EQ(statuses_, std::vector<int>(16, -1));
    EXPECT_EQ(source_->looked, looked + 1);
}

// A mount that hangs: what is known goes on, and the doubt stays until the files can be read.
TEST_F(Credentials, FilesThatCannotBeReadInTimeChangeNothing) {
    send(2);
    source_->local.reset();
    keys_->look_again();
    send(4);
    EXPECT_EQ(statuses_, std::vector<int>(4, 200));
    source_->local = "v2";
    send(4);
    EXPECT_EQ(source_->obtained, 2);
    EXPECT_EQ(statuses_, std::vector<int>(4, 200));
}

TEST_F(Credentials, OfAMetadataServiceNoFilesAreRead) {
    source_->lies_here = false;
    source_->next = [] { return result<credential>(key("wrong")); };
    send(4);
    send(4);
    keys_->look_again();
    EXPECT_EQ(source_->looked, 0);
}

TEST_F(Credentials, TheMaskKnowsTheSecretsInUseAndThoseBefore) {
    keys_->also_secret("of the proxy");
    source_->next = [] { return result<credential>(key("first key")); };
    answer_ = [](const credential&) { return 200; };
    send(1);
    EXPECT_TRUE(keys_->mask().finds_in("a first key"));
    EXPECT_TRUE(keys_->mask().finds_in("the password"));
    EXPECT_TRUE(keys_->mask().finds_in("of the proxy"));
    source_->next = [] { return result<credential>(key("second key")); };
    source_->local = "v2";
    keys_->look_again();
    send(1);
    EXPECT_TRUE(keys_->mask().finds_in("a second key"));
    EXPECT_TRUE(keys_->mask().finds_in("a first key")) << "a request with it may be under way";
}

} // namespace
} // namespace replmond::cloud
