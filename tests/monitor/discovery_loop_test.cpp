#include "daemon/cloud/credential_sources.hpp"
#include "daemon/monitor/discovery_loop.hpp"
#include "daemon/net/async.hpp"
#include "daemon/net/client/http_client.hpp"
#include "tests/support/event_loop.hpp"
#include "tests/support/scripted_server.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

/// A whole listing over a real client and sockets, beside a scripted cloud.
namespace replmond::testing {
namespace {

namespace asio = boost::asio;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

std::string id(const std::string& name) {
    return name + std::string(32 - name.size(), '0') + "in07";
}

script answer(std::string body) {
    script plan;
    plan.body = std::move(body);
    return plan;
}

script instances(const std::vector<std::string>& names, std::size_t total) {
    std::vector<std::string> records;
    for (const auto& name : names)
        records.push_back(fmt::format(R"({{"id":"{}","name":"{}","status":"ACTIVE"}})", id(name), name));
    return answer(fmt::format(R"({{"instances":[{}],"total_count":{}}})", fmt::join(records, ","), total));
}

script htap(const std::string& name, const std::string& engine = "star-rocks") {
    return answer(fmt::format(R"({{"total":1,"instances":[{{"id":"{}","name":"{}","engine_name":"{}"}}]}})",
                              id(name), name, engine));
}

script refused(int status) {
    script plan;
    plan.status = status;
    plan.body = R"({"error_code":"DBS.201028","error_msg":"The instance does not exist."})";
    plan.headers.emplace_back("X-Request-Id", "r1");
    return plan;
}

class Discover : public ::testing::Test {
protected:
    void SetUp() override {
        auto remember = [this](const request& r) {
            asked_.push_back(r.target);
            if (endless_)
                return page_without_end();
            const auto planned = plan_.find(r.target);
            return planned == plan_.end() ? refused(404) : planned->second;
        };
        server_ = std::make_unique<scripted_server>(loop_, std::move(remember));
        http::origin to;
        to.tls = false;
        to.host = "127.0.0.1";
        to.port = server_->port();
        cloud::authenticated_client_options access;
        access.project_id = "p1";
        access.origin = to;
        access.client = client::make_http_client(to, {});
        access.keys = std::make_unique<cloud::credentials>(
            loop_.get_executor(), "p", cloud::make_local_source([] {
                cloud::credential token;
                token.secret = std::string("TOKEN");
                return result<cloud::credential>(token);
            }),
            cloud::credential_callbacks{[](event) {}, [](bool, std::optional<timestamp>) {}});
        access.own_permits = std::make_shared<cloud::unlimited_permits>();
        access.observer = [this](const cloud::sent_request& sent) {
            codes_.push_back(std::string(sent.operation) + ' ' + std::string(sent.code));
        };
        api_ = cloud::make_project_api(std::move(access));
    }

    void TearDown() override {
        api_.reset();
        server_->stop();
        run_dry(loop_);
    }

    // 100 instances that were not seen before.
    script page_without_end() const {
        std::vector<std::string> names;
        for (int i = 0; i < 100; ++i)
            names.push_back(fmt::format("{}x{}", asked_.size(), i));
        return instances(names, 1'000'000);
    }

    asio::awaitable<void> pause(std::size_t calls_left) {
        pauses_.push_back(calls_left);
        if (stops_at_pause_)
            net::throw_cancelled();
        co_return;
    }

    result<tracking::listing> discover() {
        asked_.clear();
        pauses_.clear();
        monitor::pause_between_calls rhythm = [this](std::size_t calls_left) { return pause(calls_left); };
        return run(loop_, monitor::discover(*api_, permits_, patience, memory_, std::move(rhythm)));
    }

    static std::string first_page() { return "/v3/p1/instances?offset=0&limit=100"; }
    static std::string htap_of(const std::string& name) { return "/v3/p1/instances/" + id(name) + "/htap"; }

    asio::io_context loop_{1};
    std::map<std::string, script> plan_; ///< by target; else 404
    std::unique_ptr<scripted_server> server_;
    std::unique_ptr<cloud::project_api> api_;
    cloud::unlimited_permits permits_;
    tracking::listing_memory memory_;
    std::vector<std::string> asked_;
    std::vector<std::string> codes_; ///< operation and code, as the metrics have them
    std::vector<std::size_t> pauses_;
    bool stops_at_pause_ = false;
    bool endless_ = false;
};

TEST_F(Discover, ReadsAllPagesAndAsksEachInstance) {
    plan_[first_page()] = instances({"a", "b"}, 3);
    plan_["/v3/p1/instances?offset=2&limit=100"] = instances({"c"}, 3);
    plan_[htap_of("a")] = htap("orders");
    plan_[htap_of("b")] = htap("clicks", "click-house");
    plan_[htap_of("c")] = htap("views", "StarRocks");
    const auto found = discover();
    ASSERT_TRUE(found) << found.error().error_msg;
    EXPECT_THAT(found->found, ElementsAre(Pair(id("orders"), "orders"), Pair(id("views"), "views")));
    EXPECT_TRUE(found->proves_absence);
    EXPECT_THAT(asked_, ElementsAre(first_page(), "/v3/p1/instances?offset=2&limit=100", htap_of("a"),
                                    htap_of("b"), htap_of("c")));
    EXPECT_THAT(pauses_, ElementsAre(1, 3, 2, 1));
    EXPECT_THAT(codes_, ElementsAre("instances 200", "instances 200", "htap 200", "htap 200", "htap 200"));
    EXPECT_EQ(memory_.last_calls, 5U);

    ASSERT_TRUE(discover());
    EXPECT_THAT(pauses_, ElementsAre(4, 3, 2, 1)); // now it is known before
}

TEST_F(Discover, AProjectWithoutInstances) {
    plan_[first_page()] = instances({}, 0);
    const auto found = discover();
    ASSERT_TRUE(found) << found.error().error_msg;
    EXPECT_THAT(found->found, IsEmpty());
    EXPECT_THAT(pauses_, IsEmpty());
}

TEST_F(Discover, AnyCallThatFailsEndsIt) {
    plan_[first_page()] = instances({"a", "b"}, 2);
    plan_[htap_of("b")] = htap("orders"); // a is gone since the page was read
    auto found = discover();
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().result, poll_result::http);
    EXPECT_EQ(found.error().http_status, 404);
    EXPECT_EQ(found.error().error_code, "DBS.201028");
    EXPECT_EQ(found.error().request_id, "r1");
    EXPECT_THAT(asked_, ElementsAre(first_page(), htap_of("a")));
    EXPECT_EQ(memory_.last_calls, 0U);

    plan_[htap_of("a")] = answer("[]");
    found = discover();
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().result, poll_result::protocol);
    EXPECT_EQ(found.error().http_status, 200);

    plan_[first_page()] = refused(429);
    found = discover();
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().result, poll_result::throttled);
    EXPECT_THAT(asked_, ElementsAre(first_page()));
}

TEST_F(Discover, PagesThatContradictTheirCountAreInconsistent) {
    plan_[first_page()] = instances({"a"}, 3);
    plan_["/v3/p1/instances?offset=1&limit=100"] = instances({}, 3);
    plan_[htap_of("a")] = htap("orders");
    for (int listing = 1; listing <= 2; ++listing) {
        const auto found = discover();
        ASSERT_FALSE(found);
        EXPECT_EQ(found.error().result, poll_result::inconsistent);
        EXPECT_EQ(asked_.size(), listing == 1 ? 6U : 2U); // three passes, then one
    }
    const auto trusted = discover(); // the count means something else here
    ASSERT_TRUE(trusted) << trusted.error().error_msg;
    EXPECT_THAT(trusted->found, ElementsAre(Pair(id("orders"), "orders")));
    EXPECT_EQ(trusted->unexpected.size(), 1U);
}

TEST_F(Discover, AListWithoutEndIsRefused) {
    endless_ = true;
    const auto found = discover();
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().result, poll_result::protocol);
    EXPECT_THAT(found.error().error_msg, HasSubstr("more than 10000"));
    EXPECT_EQ(asked_.size(), 101U);
}

TEST_F(Discover, IsCancelledAtAPause) {
    plan_[first_page()] = instances({"a"}, 1);
    stops_at_pause_ = true;
    EXPECT_THROW(static_cast<void>(discover()), boost::system::system_error);
    EXPECT_THAT(asked_, ElementsAre(first_page()));
}

} // namespace
} // namespace replmond::testing
