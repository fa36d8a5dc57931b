// Answers that take work, asked for by many clients of one loop: others come in between, whoever leaves
// leaves nothing, and stopping waits for none.
#include "daemon/core/web/fleet_view.hpp"
#include "daemon/net/server/http_server.hpp"
#include "daemon/service/web_handler.hpp"
#include "tests/support/raw_client.hpp"
#include "tests/support/small_fleet.hpp"

#include <boost/asio/post.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <list>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace replmond::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

std::string request(const std::string& target, const std::string& method = "GET") {
    return method + " " + target + " HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
}

class WebHandler : public ::testing::Test {
protected:
    // One step of work in a turn of the loop: what others get between is counted, not timed.
    WebHandler() {
        limits_.pages.slice = limits_.scrapes.slice = std::chrono::nanoseconds(1);
        limits_.pages.rest = limits_.pages.pause_factor_unfinished = 0;
        limits_.longest_wait = patience;
    }

    web::router_sources sources() {
        web::router_sources s;
        s.metrics = [](metrics::format) {
            return metrics::text_chunks{metrics::unversioned_chunk("up 1\n")};
        };
        s.refresh_metrics = [this] { return ++refreshed_ % 20 == 0; };
        s.ready = [] { return true; };
        s.config = [] { return std::make_unique<http::ready_body>("projects: []\n"); };
        s.events = [](const web::event_filter&) { return std::vector<const event*>(); };
        s.fleet = [this] {
            ++steps_;
            ++steps_in_this_turn_;
            most_in_a_turn_ = std::max(most_in_a_turn_, steps_in_this_turn_);
            if (throws_)
                throw std::bad_alloc();
            return fleet_.view();
        };
        s.facts = [] { return web::daemon_facts(); };
        s.count = [this](std::string_view handler, int code) {
            counted_.push_back(std::string(handler) + " " + std::to_string(code));
        };
        return s;
    }

    void serve() {
        router_.emplace("/metrics", sources());
        handler_.emplace(
            loop_.get_executor(), *router_,
            [this](const http::buffer_chain* text) { server_->cut_off(text); }, limits_);
        server_.emplace(loop_.get_executor(),
                        [this](const http::http_request& asked) { return handler_->answer(asked); });
        server_->start(group_);
        group_.spawn(handler_->run());
        server_->listen("127.0.0.1:0");
        tick();
    }

    // Another one on the loop, which wants a turn again and again.
    void tick() {
        steps_in_this_turn_ = 0;
        ++slots_;
        if (!group_.stopping())
            boost::asio::post(loop_, [this] { tick(); });
    }

    raw_client client() {
        if (!server_)
            serve();
        return raw_client(loop_, server_->addresses().front());
    }

    void stop() {
        boost::asio::post(loop_, [this] {
            if (server_)
                server_->stop_listening();
            group_.stop();
        });
        run(loop_, group_.join());
    }

    void TearDown() override {
        stop();
        run_dry(loop_);
        EXPECT_EQ(group_.size(), 0U);
    }

    boost::asio::io_context loop_{1};
    test::small_fleet fleet_ = test::many(30, 100);
    service::web_handler_limits limits_;
    std::optional<web::router> router_;
    std::optional<service::web_handler> handler_;
    std::optional<server::http_server> server_;
    net::task_group group_{loop_.get_executor()};
    std::vector<std::string> counted_;
    bool throws_ = false;
    int refreshed_ = 0;
    int steps_ = 0;
    int steps_in_this_turn_ = 0;
    int most_in_a_turn_ = 0;
    int slots_ = 0;
};

TEST_F(WebHandler, OthersComeBetweenTheStepsOfAnAnswer) {
    auto peer = client();
    peer.send(request("/api/v1/tasks"));
    const std::string text = peer.read_all();
    EXPECT_THAT(text, StartsWith("HTTP/1.1 200 OK\r\n"));
    EXPECT_THAT(text, HasSubstr("\"task\":\"t1002999\""));
    EXPECT_GE(steps_, 3000 / 100);
    EXPECT_LE(most_in_a_turn_, 2); // it may end one and begin another
    EXPECT_GE(slots_, steps_);
    EXPECT_THAT(counted_, ElementsAre("/api/v1/tasks 200"));
}

TEST_F(WebHandler, EveryPathGivesTheLoopBack) {
    for (const char* target :
         {"/", "/?limit=1000&sort=task", "/api/v1/tasks?sort=task", "/api/v1/tasks?search=none",
          "/api/v1/instances?sort=severity", "/api/v1/summary"}) {
        auto peer = client();
        const int before = steps_;
        peer.send(request(target));
        EXPECT_THAT(peer.read_all(), StartsWith("HTTP/1.1 200 OK\r\n")) << target;
        EXPECT_GE(steps_ - before, 5) << target;
    }
    EXPECT_LE(most_in_a_turn_, 2);
}

TEST_F(WebHandler, ManyWhoAskForTheSameGetOneBody) {
    std::list<raw_client> peers;
    for (int i = 0; i < 64; ++i) {
        peers.push_back(client());
        peers.back().send(request("/api/v1/tasks"));
    }
    const std::string first = peers.front().read_all();
    for (auto peer = std::next(peers.begin()); peer != peers.end(); ++peer)
        EXPECT_EQ(peer->read_all().size(), first.size());
    EXPECT_LE(steps_, 2 * 3000 / 64 + 10); // the first may have been sent before the last one asked
    EXPECT_EQ(counted_.size(), 64U);
}

TEST_F(WebHandler, HeadMakesNoBody) {
    for (const char* target :
         {"/", "/config", "/api/v1/tasks", "/api/v1/instances", "/api/v1/events", "/api/v1/summary"}) {
        auto peer = client();
        peer.send("HEAD " + std::string(target) + " HTTP/1.1\r\nHost: h\r\n\r\n" + request("/-/healthy"));
        const std::string text = peer.read_all();
        EXPECT_THAT(text, StartsWith("HTTP/1.1 200 OK\r\n")) << target;
        EXPECT_THAT(text.substr(0, text.find("\r\n\r\n")), Not(HasSubstr("Content-Length"))) << target;
        EXPECT_THAT(text, HasSubstr("\r\n\r\nHTTP/1.1 200 OK\r\n"))
            << target; // the next answer follows at once
    }
    EXPECT_EQ(steps_, 0);
}

TEST_F(WebHandler, AScrapeDoesNotWaitForPages) {
    auto page = client();
    page.send(request("/api/v1/tasks?sort=task"));
    run_until(loop_, [&] { return steps_ > 2; });
    auto scraper = client();
    scraper.send(request("/metrics"));
    EXPECT_THAT(scraper.read_all(), HasSubstr("\r\n\r\nup 1\n"));
    EXPECT_THAT(counted_, ElementsAre("/metrics 200"));
    EXPECT_THAT(page.read_all(), StartsWith("HTTP/1.1 200 OK\r\n"));
}

TEST_F(WebHandler, AJobThatThrowsIs500) {
    throws_ = true;
    auto peer = client();
    peer.send(request("/api/v1/tasks"));
    const std::string text = peer.read_all();
    EXPECT_THAT(text, StartsWith("HTTP/1.1 500 Internal Server Error\r\n"));
    EXPECT_THAT(text, HasSubstr("\r\n\r\ninternal error\n"));
    throws_ = false;
    auto next = client();
    next.send(request("/api/v1/tasks"));
    EXPECT_THAT(next.read_all(), StartsWith("HTTP/1.1 200 OK\r\n"));
}

TEST_F(WebHandler, TooManyAreToldToComeBack) {
    limits_.pages.waiting_of_a_peer = 1;
    auto first = client();
    first.send(request("/api/v1/tasks?sort=task"));
    run_until(loop_, [&] { return steps_ > 0; });
    auto second = client();
    second.send(request("/api/v1/tasks?sort=-task"));
    const std::string text = second.read_all();
    EXPECT_THAT(text, StartsWith("HTTP/1.1 503 Service Unavailable\r\n"));
    EXPECT_THAT(text, HasSubstr("Retry-After: 1\r\n"));
    EXPECT_THAT(text, HasSubstr("{\"status\":\"error\","));
    EXPECT_THAT(first.read_all(), StartsWith("HTTP/1.1 200 OK\r\n"));
    EXPECT_THAT(counted_, ElementsAre("/api/v1/tasks 503", "/api/v1/tasks 200"));
}

TEST_F(WebHandler, AnAnswerThatTakesTooLongEnds) {
    limits_.longest_wait = std::chrono::milliseconds(1);
    limits_.pages.pause_factor_unfinished = 1'000'000'000; // after its first step it rests for ever
    auto peer = client();
    peer.send(request("/api/v1/tasks"));
    EXPECT_THAT(peer.read_all(), StartsWith("HTTP/1.1 503 Service Unavailable\r\n"));
    EXPECT_THAT(counted_, ElementsAre("/api/v1/tasks 503"));
}

// A slow reader's body is taken away where somebody else's needs the room.
TEST_F(WebHandler, BodiesThatAreReadSlowlyAreBounded) {
    fleet_ = test::many(40, 100);
    limits_.pages.bytes = 2560 * 1024; // more than one and its candidates, less than two
    limits_.pages.reading_time = std::chrono::nanoseconds(1);
    limits_.pages.slice = std::chrono::milliseconds(50);
    auto slow = client();
    slow.send(request("/api/v1/tasks?sort=task"));
    run_until(loop_, [&] { return !counted_.empty(); });
    auto next = client();
    next.send(request("/api/v1/tasks?sort=-task"));
    const std::string whole = next.read_all();
    EXPECT_GT(whole.size(), 1024U * 1024);
    EXPECT_LT(slow.read_all().size(), whole.size()); // cut
    EXPECT_THAT(counted_, ElementsAre("/api/v1/tasks 200", "/api/v1/tasks 200"));
}

TEST_F(WebHandler, StopEndsAnswersThatAreBeingMade) {
    limits_.pages.pause_factor_unfinished = 1'000'000'000;
    std::list<raw_client> peers;
    for (int i = 0; i < 5; ++i) {
        peers.push_back(client());
        peers.back().send(request("/api/v1/tasks?search=" + std::to_string(i)));
    }
    run_until(loop_, [&] { return server_->connections() == 5 && group_.size() == 7 && steps_ > 0; });
    stop();
    EXPECT_EQ(group_.size(), 0U);
    for (auto& peer : peers)
        EXPECT_THAT(peer.read_all(), IsEmpty());
    EXPECT_THAT(counted_, IsEmpty());
}

} // namespace
} // namespace replmond::testing
