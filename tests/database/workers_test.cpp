#include "daemon/database/workers.hpp"
#include "tests/support/event_loop.hpp"

#include <boost/asio/steady_timer.hpp>
#include <gtest/gtest.h>

#include <condition_variable>
#include <filesystem>
#include <iterator>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <thread>
#include <vector>

// Databases that hang cost who asks them their deadline, and nobody else anything.
namespace replmond::database {
namespace {

using namespace std::chrono_literals;
using testing::run_until;

// A host that hangs until the test lets it go, or until it is interrupted.
class hanging_host final : public blocking_work {
public:
    explicit hanging_host(bool ends_when_interrupted = true) : obeys_(ends_when_interrupted) {}

    void run() override {
        std::unique_lock lock(mutex_);
        began_ = true;
        changed_.wait(lock, [this] { return back_; });
    }
    void interrupt() override {
        const std::lock_guard lock(mutex_);
        interrupted_ = true;
        back_ = back_ || obeys_;
        changed_.notify_all();
    }
    void come_back() {
        const std::lock_guard lock(mutex_);
        back_ = true;
        changed_.notify_all();
    }
    bool began() {
        const std::lock_guard lock(mutex_);
        return began_;
    }
    bool interrupted() {
        const std::lock_guard lock(mutex_);
        return interrupted_;
    }

private:
    const bool obeys_;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool began_ = false;
    bool interrupted_ = false;
    bool back_ = false;
};

class quick_host final : public blocking_work {
public:
    void run() override { ++runs; }
    void interrupt() override {}
    int runs = 0;
};

class broken_host final : public blocking_work {
public:
    void run() override { throw std::runtime_error("no memory"); }
    void interrupt() override {}
};

class Workers : public ::testing::Test {
protected:
    template<class Host>
    auto ask(const std::shared_ptr<Host>& host, outlook looks = outlook::good, milliseconds within = 1min) {
        std::shared_ptr<blocking_work> work = host;
        return testing::start(loop_, workers_.run(std::move(work), looks, within));
    }

    // A turn of the loop after another, until it is so.
    template<class Predicate>
    void await(Predicate reached) {
        boost::asio::steady_timer turn(loop_);
        while (!reached()) {
            bool over = false;
            turn.expires_after(1ms);
            turn.async_wait([&](const auto&) { over = true; });
            run_until(loop_, [&] { return over; });
        }
    }

    boost::asio::io_context loop_{1};
    workers workers_{4};
};

TEST_F(Workers, RunWhatTheyAreGiven) {
    auto host = std::make_shared<quick_host>();
    for (int i = 1; i <= 3; ++i) {
        auto asked = ask(host);
        run_until(loop_, [&] { return asked->done; });
        EXPECT_EQ(asked->value, true);
        EXPECT_EQ(host->runs, i);
        EXPECT_TRUE(workers_.has_ended(*host));
    }
    auto broken = ask(std::make_shared<broken_host>());
    run_until(loop_, [&] { return broken->done; });
    EXPECT_EQ(broken->value, true);
}

TEST_F(Workers, InterruptWhatIsLateAndDoNotWaitForIt) {
    auto host = std::make_shared<hanging_host>(false);
    auto asked = ask(host, outlook::good, 20ms);
    run_until(loop_, [&] { return asked->done; });
    EXPECT_EQ(asked->value, false);
    EXPECT_TRUE(host->interrupted());
    EXPECT_FALSE(workers_.has_ended(*host));
    EXPECT_TRUE(workers_.is_busy());
    auto other = ask(std::make_shared<quick_host>());
    run_until(loop_, [&] { return other->done; });
    EXPECT_EQ(other->value, true);
    host->come_back();
    await([&] { return !workers_.is_busy(); });
    EXPECT_TRUE(workers_.has_ended(*host));
}

TEST_F(Workers, GiveHalfOfThemselvesToDoubtfulHosts) {
    std::vector<std::shared_ptr<hanging_host>> hosts;
    std::vector<std::shared_ptr<testing::started<bool>>> asked;
    for (int i = 0; i < 5; ++i) {
        hosts.push_back(std::make_shared<hanging_host>());
        asked.push_back(ask(hosts.back(), outlook::doubtful));
    }
    await([&] { return hosts[0]->began() && hosts[1]->began(); });
    auto good = ask(std::make_shared<quick_host>());
    run_until(loop_, [&] { return good->done; });
    EXPECT_EQ(good->value, true);
    EXPECT_FALSE(hosts[2]->began()) << "two of four threads";
    for (const auto& host : hosts)
        host->come_back();
    run_until(loop_, [&] { return asked[4]->done; });
}

TEST_F(Workers, AreNotWaitedForWhenTheCallerEnds) {
    auto host = std::make_shared<hanging_host>();
    auto asked = ask(host);
    await([&] { return host->began(); });
    testing::cancel(loop_, asked);
    run_until(loop_, [&] { return asked->done; });
    EXPECT_TRUE(asked->error);
    EXPECT_TRUE(host->interrupted());
    await([&] { return !workers_.is_busy(); });
}

TEST_F(Workers, ForgetWhatWasNeverBegun) {
    std::vector<std::shared_ptr<hanging_host>> hosts;
    std::vector<std::shared_ptr<testing::started<bool>>> asked;
    for (int i = 0; i < 4; ++i) {
        hosts.push_back(std::make_shared<hanging_host>());
        asked.push_back(ask(hosts.back()));
    }
    await([&] { return hosts[3]->began(); });
    auto queued = std::make_shared<quick_host>();
    auto waiting = ask(queued);
    testing::cancel(loop_, waiting);
    run_until(loop_, [&] { return waiting->done; });
    EXPECT_TRUE(waiting->error);
    EXPECT_TRUE(workers_.has_ended(*queued));
    for (const auto& host : hosts)
        host->come_back();
    run_until(loop_, [&] { return asked[0]->done && asked[1]->done && asked[2]->done && asked[3]->done; });
    EXPECT_EQ(queued->runs, 0);
}

std::ptrdiff_t threads_of_this_process() {
    return std::distance(std::filesystem::directory_iterator("/proc/self/task"), {});
}

// A loop that is destroyed with coroutines in it destroys them last: no thread keeps the pool for them.
TEST(WorkersAtTheEnd, MayBeDestroyedBeforeTheirCallers) {
    const auto before = threads_of_this_process();
    auto host = std::make_shared<hanging_host>();
    boost::asio::io_context loop{1};
    std::optional<workers> only(std::in_place, 1);
    auto asked = testing::start(loop, only->run(host, outlook::good, 1min));
    loop.poll();
    while (!host->began())
        std::this_thread::yield();
    host->come_back();
    while (!only->has_ended(*host))
        std::this_thread::yield();
    only.reset();
    while (threads_of_this_process() > before)
        std::this_thread::yield();
    EXPECT_FALSE(asked->done);
}

} // namespace
} // namespace replmond::database
