#include "daemon/net/async.hpp"
#include "daemon/service/process.hpp"
#include "tests/support/event_loop.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <optional>
#include <vector>

namespace asio = boost::asio;

namespace replmond::service {
namespace {

asio::awaitable<void> read(signal_queue& from, std::vector<int>& into, std::size_t count) {
    while (into.size() < count) {
        const std::optional<int> number = co_await from.next();
        if (!number)
            co_return;
        into.push_back(*number);
    }
}

struct Signals : ::testing::Test {
    Signals() { block_signals({SIGHUP, SIGUSR1}); }
    ~Signals() override {
        // SIGHUP stays blocked: what is left of it must not end the tests.
        std::signal(SIGHUP, SIG_IGN);
        const sigset_t none{};
        pthread_sigmask(SIG_SETMASK, &none, nullptr);
        std::signal(SIGHUP, SIG_DFL);
    }
    asio::io_context loop;
};

TEST_F(Signals, WhatComesBeforeAnybodyReadsWaits) {
    raise(SIGHUP);
    raise(SIGHUP);
    raise(SIGUSR1);
    signal_queue queue(loop.get_executor(), {SIGHUP, SIGUSR1});
    std::vector<int> got;
    const auto reading = testing::start(loop, read(queue, got, 3));
    testing::run_until(loop, [&] { return got.size() == 2; });
    EXPECT_EQ(got, (std::vector<int>{SIGHUP, SIGUSR1}));
    raise(SIGHUP);
    testing::finish(loop, reading);
    EXPECT_EQ(got, (std::vector<int>{SIGHUP, SIGUSR1, SIGHUP}));
}

TEST_F(Signals, WhenNobodyReadsAnyMoreItStillEndsNothing) {
    { const signal_queue queue(loop.get_executor(), {SIGHUP}); }
    raise(SIGHUP); // boost::asio::signal_set would have given it back its action, which ends the process
}

TEST(SignalsDeathTest, UnblockedTheyActAgain) {
    EXPECT_EXIT(
        {
            block_signals({SIGTERM});
            std::signal(SIGTERM, SIG_IGN);
            raise(SIGTERM);
            unblock_signals({SIGTERM});
        },
        ::testing::KilledBySignal(SIGTERM), "");
}

} // namespace
} // namespace replmond::service
