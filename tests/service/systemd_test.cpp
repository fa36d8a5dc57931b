#include "daemon/service/systemd.hpp"
#include "tests/monitor/fleet_stub.hpp"

#include <fmt/format.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <string>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/// What a service manager would read.
namespace replmond::testing {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::MatchesRegex;

/// A service manager's socket under an abstract name, and the environment that leads to it.
class notify_socket {
public:
    notify_socket() : fd_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
        sockaddr_un to{};
        to.sun_family = AF_UNIX;
        const auto name = fmt::format("replmond-test-{}", ::getpid());
        std::memcpy(&to.sun_path[1], name.data(), name.size());
        const auto size = offsetof(sockaddr_un, sun_path) + 1 + name.size();
        if (::bind(fd_, reinterpret_cast<const sockaddr*>(&to), static_cast<socklen_t>(size)) != 0)
            throw std::runtime_error("cannot bind");
        ::setenv("NOTIFY_SOCKET", ("@" + name).c_str(), 1);
    }
    notify_socket(const notify_socket&) = delete;
    notify_socket& operator=(const notify_socket&) = delete;
    ~notify_socket() {
        ::close(fd_);
        for (const char* name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"})
            ::unsetenv(name);
    }

    static void want_watchdog(std::chrono::microseconds every, pid_t of = ::getpid()) {
        ::setenv("WATCHDOG_USEC", std::to_string(every.count()).c_str(), 1);
        ::setenv("WATCHDOG_PID", std::to_string(of).c_str(), 1);
    }

    std::vector<std::string> take() const {
        std::vector<std::string> messages;
        std::array<char, 4096> buffer{};
        for (ssize_t n = 0; (n = ::recv(fd_, buffer.data(), buffer.size(), 0)) > 0;)
            messages.emplace_back(buffer.data(), static_cast<std::size_t>(n));
        return messages;
    }

private:
    int fd_;
};

TEST(SystemdNotify, SaysNothingWhereNobodyListens) {
    ::unsetenv("NOTIFY_SOCKET");
    service::systemd_notify to;
    EXPECT_FALSE(to.wanted());
    EXPECT_EQ(to.watchdog(), std::nullopt);
    to.ready("fine"); // and no error
    boost::asio::io_context loop{1};
    run(loop,
        service::keep_informed(to, {[]() -> std::string { throw std::logic_error("asked"); }, nullptr}));
}

TEST(SystemdNotify, SaysEachThingOnce) {
    const notify_socket manager;
    service::systemd_notify to;
    EXPECT_TRUE(to.wanted());
    to.ready("a\nREADY=0");
    to.status("a READY=0");
    to.status("b");
    to.reloading();
    to.ready("b");
    to.stopping();
    EXPECT_THAT(manager.take(), ElementsAre("READY=1\nSTATUS=a READY=0", "STATUS=b",
                                            MatchesRegex("RELOADING=1\nMONOTONIC_USEC=[1-9][0-9]*"),
                                            "READY=1\nSTATUS=b", "STOPPING=1\nSTATUS=stopping"));
}

TEST(SystemdNotify, WhatNobodyReadsHoldsNothingUp) {
    const notify_socket manager;
    service::systemd_notify to;
    to.ready("0");
    for (int i = 1; i <= 10'000; ++i) {
        to.status(std::to_string(i));
        to.alive();
    }
    manager.take();
    to.status("10000"); // it did not get through before
    EXPECT_THAT(manager.take(), ElementsAre("STATUS=10000"));
}

TEST(SystemdNotify, TheWatchdogOfAnotherProcessIsNotOurs) {
    const notify_socket manager;
    notify_socket::want_watchdog(std::chrono::seconds(2), ::getpid() + 1);
    EXPECT_EQ(service::systemd_notify().watchdog(), std::nullopt);
    notify_socket::want_watchdog(std::chrono::seconds(2));
    EXPECT_EQ(service::systemd_notify().watchdog(), std::chrono::seconds(2));
}

class ServiceWatchdog : public FleetStub {
protected:
    void watch_service() {
        service::service_probe probe;
        probe.status = [this] { return fmt::format("{} overdue", fleet_->overdue(limits_of_test).size()); };
        probe.is_well = [this] { return fleet_->overdue(limits_of_test).empty(); };
        group_.spawn(service::keep_informed(service_, std::move(probe)));
    }

    std::size_t feedings() {
        const auto messages = manager_.take();
        statuses_.insert(statuses_.end(), messages.begin(), messages.end());
        return static_cast<std::size_t>(std::count(messages.begin(), messages.end(), "WATCHDOG=1"));
    }

    static constexpr schedule::overdue_limits limits_of_test{std::chrono::milliseconds(50),
                                                             std::chrono::milliseconds(500)};
    const notify_socket manager_;
    service::systemd_notify service_;
    std::vector<std::string> statuses_;
};

TEST_F(ServiceWatchdog, IsFedUntilAPollHangsBeyondItsDeadline) {
    notify_socket::want_watchdog(std::chrono::milliseconds(20));
    bool hangs = false;
    auto* api = make_api([&](const auto&) -> std::optional<result<cloud::page>> {
        if (hangs)
            return std::nullopt; // and no deadline ends it
        return page_of({task("t")});
    });
    watch("orders", *api);
    begin();
    watch_service();
    std::size_t fed = 0;
    until([&] { return (fed += feedings()) >= 3; });
    until_polls("orders", 2);

    hangs = true;
    until([&] {
        feedings();
        return !fleet_->overdue(limits_of_test).empty();
    });
    EXPECT_THAT(fleet_->overdue(limits_of_test), ElementsAre("orders"));
    feedings();
    std::size_t looks = 0; // as many turns of the loop as would have fed it
    boost::asio::steady_timer timer(loop_);
    const std::function<void()> look_again = [&] {
        timer.expires_after(std::chrono::milliseconds(20));
        timer.async_wait([&](const auto&) { ++looks < 10 ? look_again() : void(); });
    };
    look_again();
    until([&] { return looks >= 10; });
    EXPECT_EQ(feedings(), 0U);
    EXPECT_THAT(statuses_, Contains("STATUS=1 overdue"));
}

} // namespace
} // namespace replmond::testing
