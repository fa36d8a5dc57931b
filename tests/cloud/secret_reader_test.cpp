#include "daemon/cloud/secret_reader.hpp"
#include "tests/support/event_loop.hpp"

#include <gtest/gtest.h>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <new>
#include <string>
#include <thread>

// Files that hang cost whoever asks for them its patience, and nobody else anything.
namespace replmond::cloud {
namespace {

using std::chrono_literals::operator""ms;

// A mount that hangs until the test lets it go. Shared: a thread may outlive the test.
class hanging_mount {
public:
    std::string read() {
        std::unique_lock lock(mutex_);
        ++begun_;
        changed_.notify_all();
        changed_.wait(lock, [this] { return back_; });
        return "secret";
    }
    void come_back() {
        const std::lock_guard lock(mutex_);
        back_ = true;
        changed_.notify_all();
    }
    int begun() {
        const std::lock_guard lock(mutex_);
        return begun_;
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool back_ = false;
    int begun_ = 0;
};

std::function<std::string()> reading(const std::shared_ptr<hanging_mount>& mount) {
    return [mount] { return mount->read(); };
}

std::function<std::string()> giving(const char* text) {
    return [text] { return std::string(text); };
}

class SecretReader : public ::testing::Test {
protected:
    std::optional<std::string> read(secret_reader& with, std::function<std::string()> what) {
        return testing::run(loop_, with.run<std::string>(std::move(what)));
    }
    // Where the loop has nothing to do meanwhile.
    template<class Condition>
    void turn_until(Condition reached) {
        loop_.restart();
        while (!reached()) {
            loop_.poll_one();
            std::this_thread::yield();
        }
    }
    void TearDown() override {
        mount_->come_back();
        while (secret_reader::any_out())
            std::this_thread::yield();
    }

    boost::asio::io_context loop_{1};
    std::shared_ptr<hanging_mount> mount_ = std::make_shared<hanging_mount>();
};

TEST_F(SecretReader, GivesWhatWasRead) {
    secret_reader reader;
    EXPECT_EQ(read(reader, giving("one")), "one");
    EXPECT_EQ(read(reader, giving("two")), "two");
}

TEST_F(SecretReader, AReadThatHangsIsGivenUpAndNotBegunAgain) {
    secret_reader reader(10ms);
    EXPECT_EQ(read(reader, reading(mount_)), std::nullopt);
    EXPECT_TRUE(secret_reader::any_out());
    for (int i = 0; i < 20; ++i)
        EXPECT_EQ(read(reader, reading(mount_)), std::nullopt);
    EXPECT_EQ(mount_->begun(), 1);
    secret_reader other;
    EXPECT_EQ(read(other, giving("of another project")), "of another project");

    mount_->come_back(); // what comes too late is dropped, and the next read begins
    std::optional<std::string> late;
    while (!late)
        late = read(reader, giving("fresh"));
    EXPECT_EQ(late, "fresh");
}

TEST_F(SecretReader, TheLoopIsFreeMeanwhile) {
    secret_reader reader;
    const auto running = testing::start(loop_, reader.run<std::string>(reading(mount_)));
    int turns = 0;
    const std::function<void()> turn = [&] {
        ++turns;
        if (!running->done)
            boost::asio::post(loop_, turn);
    };
    boost::asio::post(loop_, turn);
    turn_until([&] { return turns >= 100 && mount_->begun() == 1; });
    EXPECT_FALSE(running->done);
    mount_->come_back();
    EXPECT_EQ(testing::finish(loop_, running), "secret");
}

TEST_F(SecretReader, ItsThreadMayOutliveTheLoop) {
    {
        boost::asio::io_context gone(1);
        secret_reader reader(10ms);
        EXPECT_EQ(testing::run(gone, reader.run<std::string>(reading(mount_))), std::nullopt);
    }
    mount_->come_back();
    while (secret_reader::any_out())
        std::this_thread::yield();
}

TEST_F(SecretReader, WhoeverWaitsCanBeCancelled) {
    secret_reader reader;
    const auto running = testing::start(loop_, reader.run<std::string>(reading(mount_)));
    turn_until([&] { return mount_->begun() == 1; });
    testing::cancel(loop_, running);
    EXPECT_THROW(testing::finish(loop_, running), boost::system::system_error);
}

TEST_F(SecretReader, WhatThrowsIsAsGoodAsNotRead) {
    secret_reader reader;
    const std::function<std::string()> throwing = []() -> std::string { throw std::bad_alloc(); };
    EXPECT_EQ(read(reader, throwing), std::nullopt);
    EXPECT_EQ(read(reader, giving("one")), "one");
}

} // namespace
} // namespace replmond::cloud
