#include "daemon/monitor/dispatcher.hpp"
#include "daemon/net/async.hpp"
#include "tests/support/event_loop.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>

/// Who waits for a turn, beside a loop and no network.
namespace replmond::testing {
namespace {

namespace asio = boost::asio;

class Traffic : public ::testing::Test {
protected:
    static constexpr schedule::project_key project = 1;

    void SetUp() override {
        lanes_.scheduler().add_project(project, {1, std::chrono::hours(1)});
        lanes_.start();
    }

    auto start_one(monitor::dispatcher::permits& permits) {
        return start(loop_, net::from_next_turn(permits.acquire()));
    }

    asio::io_context loop_{1};
    std::shared_ptr<started<std::uint64_t>> waiting_;
    monitor::dispatcher lanes_{
        loop_.get_executor(),
        1,
        {[this](schedule::instance_key) { waiting_->signal.emit(asio::cancellation_type::terminal); },
         [](const schedule::stretch_change&) {}}};
};

// A poll that is begun by what asks may stop the daemon, say, and with it the one who asks.
TEST_F(Traffic, WhoIsCancelledByWhatItBeginsLeavesNoPlaceInLine) {
    monitor::dispatcher::permits permits(lanes_, project, schedule::purpose::reason);
    const auto first = run(loop_, net::from_next_turn(permits.acquire())); // the whole budget

    waiting_ = start_one(permits);
    // Due at once, and begun by the next who looks.
    lanes_.scheduler().add(7, project, std::string(36, 'a'), std::chrono::hours(1), schedule::uptime(0));
    run_until(loop_, [&] { return waiting_->done; });
    EXPECT_TRUE(waiting_->error);

    // What it left is given to the next, and to nobody else.
    permits.release(first, false, 0);
    const auto next = run(loop_, net::from_next_turn(permits.acquire()));
    EXPECT_EQ(lanes_.scheduler().requests_in_window(project, lanes_.up()), 1);
    permits.release(next, false, 0);
    lanes_.stop();
    run_dry(loop_);
}

TEST_F(Traffic, ManyChangesAreLookedAtOnce) {
    monitor::dispatcher::permits permits(lanes_, project, schedule::purpose::reason);
    waiting_ = start_one(permits);
    {
        const monitor::dispatcher::batch all(lanes_);
        loop_.restart();
        loop_.poll();
        EXPECT_FALSE(waiting_->done);
    }
    run_until(loop_, [&] { return waiting_->done; });
    permits.release(*waiting_->value, false, 0);
    lanes_.stop();
    run_dry(loop_);
}

} // namespace
} // namespace replmond::testing
