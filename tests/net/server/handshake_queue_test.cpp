#include "daemon/net/async.hpp"
#include "daemon/net/server/handshake_queue.hpp"
#include "daemon/net/task_group.hpp"
#include "tests/support/event_loop.hpp"

#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace replmond::server {
namespace {

using ::testing::ElementsAre;
using testing::run_dry;

class HandshakeQueue : public ::testing::Test {
protected:
    void TearDown() override {
        group_.stop();
        run_dry(loop_);
    }

    void come(const std::string& peer) { group_.spawn(take_turn(peer)); }

    boost::asio::awaitable<void> take_turn(std::string peer) {
        co_await slots_.wait(peer);
        served_.push_back(peer);
    }

    boost::asio::io_context loop_;
    handshake_queue slots_{loop_.get_executor()};
    std::vector<std::string> served_;
    net::task_group group_{loop_.get_executor()}; // last: its coroutines use the others
};

TEST_F(HandshakeQueue, EachPeerHasOneInItsTurn) {
    for (int i = 0; i < 4; ++i)
        come("many");
    come("few");
    come("none");
    come("few");
    testing::run_until(loop_, [&] { return served_.size() == 7; });
    EXPECT_THAT(served_, ElementsAre("many", "none", "few", "many", "few", "many", "many"));
    EXPECT_EQ(slots_.waiting(), 0U);
}

TEST_F(HandshakeQueue, OneBeginsInEachTurnOfTheLoop) {
    for (int i = 0; i < 3; ++i)
        come("a");
    testing::run_until(loop_, [&] { return slots_.waiting() == 2; });
    EXPECT_THAT(served_, ElementsAre("a"));
}

TEST_F(HandshakeQueue, WhoIsCancelledLeavesTheLine) {
    constexpr std::size_t many = 1000;
    for (std::size_t i = 0; i < many; ++i)
        come("a");
    testing::run_until(loop_, [&] { return slots_.waiting() > 0; });
    group_.stop();
    run_dry(loop_);
    EXPECT_EQ(slots_.waiting(), 0U);
    EXPECT_LT(served_.size(), many);
}

} // namespace
} // namespace replmond::server
