#include "daemon/net/async.hpp"
#include "daemon/net/client/dial.hpp"
#include "tests/net/client/scripted_names.hpp"

#include <boost/asio/ip/address.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <iterator>
#include <random>

namespace replmond::testing {
namespace {

using namespace std::chrono_literals;
using http::address_list;
using tcp = boost::asio::ip::tcp;
using boost::asio::ip::make_address;

// Listeners on one port of several loopback addresses: what is not listened on refuses.
class Dial : public ::testing::Test {
protected:
    void SetUp() override {
        to_.tls = false;
        to_.host = "server.test";
        to_.port = listen("127.0.0.1");
    }

    void TearDown() override { run_dry(loop_); }

    // Takes connections by itself: the system completes them for a listener.
    std::uint16_t listen(const std::string& address, std::uint16_t port = 0, int backlog = 100) {
        tcp::acceptor listener(loop_);
        const tcp::endpoint at(make_address(address), port);
        listener.open(at.protocol());
        listener.set_option(tcp::acceptor::reuse_address(true));
        listener.bind(at);
        listener.listen(backlog);
        listeners_.push_back(std::move(listener));
        return listeners_.back().local_endpoint().port();
    }

    // Its queue is full: who comes now gets no answer.
    void hang(const std::string& address) {
        listen(address, to_.port, 0);
        tcp::socket first(loop_);
        first.connect(tcp::endpoint(make_address(address), to_.port));
        fillers_.push_back(std::move(first));
    }

    void addresses(address_list list) { names_->set(to_.host, scripted_names::found(std::move(list))); }

    boost::asio::awaitable<result<tcp::socket>> dial(net::steady_duration head_start = 1h) {
        doing_ = "resolving";
        return client::dial(
            resolver_, to_, to_.authority(), [this] { doing_ = "connecting to"; }, head_start);
    }

    std::string connected(net::steady_duration head_start = 1h) {
        auto socket = outcome(head_start);
        if (!socket)
            return socket.error().error_msg;
        EXPECT_EQ(socket->remote_endpoint().port(), to_.port);
        return socket->remote_endpoint().address().to_string();
    }

    // A socket has no default state, which co_spawn needs of what it hands over.
    result<tcp::socket> outcome(net::steady_duration head_start) {
        auto kept = std::make_shared<std::optional<result<tcp::socket>>>();
        run(loop_, keep(dial(head_start), kept));
        return std::move(**kept);
    }

    static boost::asio::awaitable<void> keep(boost::asio::awaitable<result<tcp::socket>> dialing,
                                             std::shared_ptr<std::optional<result<tcp::socket>>> kept) {
        auto outcome = co_await std::move(dialing);
        kept->emplace(std::move(outcome));
    }

    // So that its queue does not fill up.
    void accept_all() {
        listeners_.front().non_blocking(true);
        net::error_code none_left;
        while (!none_left)
            listeners_.front().accept(none_left);
    }

    // For with_deadline.
    static boost::asio::awaitable<result<bool>>
    succeeds(boost::asio::awaitable<result<tcp::socket>> dialing) {
        const auto outcome = co_await std::move(dialing);
        co_return outcome.has_value();
    }

    std::string refusal(const std::string& tried) const {
        return "cannot connect to server.test:" + std::to_string(to_.port) + ": Connection refused" + tried +
               "; is the port right, and does anything listen there?";
    }

    static std::ptrdiff_t open_files() {
        return std::distance(std::filesystem::directory_iterator("/proc/self/fd"),
                             std::filesystem::directory_iterator());
    }

    boost::asio::io_context loop_{1};
    std::shared_ptr<scripted_names> names_ = std::make_shared<scripted_names>();
    client::resolver resolver_{{}, scripted_names::function_of(names_)};
    http::origin to_;
    std::string_view doing_;
    std::vector<tcp::acceptor> listeners_;
    std::vector<tcp::socket> fillers_;
};

TEST_F(Dial, Connects) {
    addresses({"127.0.0.1"});
    EXPECT_EQ(connected(), "127.0.0.1");
    EXPECT_EQ(doing_, "connecting to");
}

TEST_F(Dial, ANameThatCannotBeResolved) {
    const auto failed = outcome(1h);
    ASSERT_FALSE(failed);
    EXPECT_EQ(failed.error().result, poll_result::network);
    EXPECT_THAT(failed.error().error_msg, ::testing::StartsWith("cannot resolve server.test: "));
    EXPECT_EQ(doing_, "resolving");
}

TEST_F(Dial, TheNextAddressAtOnceWhereOneRefuses) {
    addresses({"127.0.0.2", "127.0.0.3", "127.0.0.1"}); // the head start is an hour
    EXPECT_EQ(connected(), "127.0.0.1");
}

TEST_F(Dial, TheNextAddressAfterTheHeadStartWhereOneHangs) {
    hang("127.0.0.2");
    hang("127.0.0.3");
    addresses({"127.0.0.2", "127.0.0.3", "127.0.0.1"});
    const auto before = open_files();
    EXPECT_EQ(connected(1ms), "127.0.0.1");
    run_dry(loop_);
    EXPECT_EQ(open_files(), before);
}

TEST_F(Dial, AWinnerNeedsNoOthers) {
    listen("127.0.0.2", to_.port);
    addresses({"127.0.0.2", "127.0.0.1"});
    EXPECT_EQ(connected(), "127.0.0.2");
    run_dry(loop_); // although the head start is an hour
}

TEST_F(Dial, AnAddressThatHangsAndOthersThatRefuse) {
    hang("127.0.0.2");
    addresses({"127.0.0.2", "127.0.0.4", "127.0.0.5", "127.0.0.1"});
    EXPECT_EQ(connected(1ms), "127.0.0.1");
}

TEST_F(Dial, FamiliesTakeTurns) {
    try {
        listen("::1", to_.port);
    } catch (const boost::system::system_error&) {
        GTEST_SKIP() << "no IPv6 on this host";
    }
    addresses({"127.0.0.2", "127.0.0.1", "::1"});
    EXPECT_EQ(connected(), "::1");
    addresses({"::1", "127.0.0.1"});
    EXPECT_EQ(connected(), "::1");
}

TEST_F(Dial, AFamilyThatDoesNotWork) {
    addresses({"::1", "127.0.0.1"}); // nothing listens there, or there is no IPv6
    EXPECT_EQ(connected(), "127.0.0.1");
    addresses({"::1", "127.0.0.2"});
    EXPECT_EQ(connected(), refusal(" (127.0.0.2; 2 addresses tried)"));
}

TEST_F(Dial, AllRefuse) {
    addresses({"127.0.0.2"});
    EXPECT_EQ(connected(), refusal(""));
    addresses({"127.0.0.2", "127.0.0.3"});
    EXPECT_EQ(connected(), refusal(" (127.0.0.3; 2 addresses tried)"));
}

TEST_F(Dial, ARefusalSaysMoreThanAMissingRoute) {
    // No stream leads to a multicast address.
    addresses({"127.0.0.2", "224.0.0.1"});
    EXPECT_EQ(connected(), refusal(" (127.0.0.2; 2 addresses tried)"));
    addresses({"224.0.0.1", "127.0.0.2"});
    EXPECT_EQ(connected(), refusal(" (127.0.0.2; 2 addresses tried)"));
    addresses({"224.0.0.1"});
    EXPECT_EQ(connected(),
              "cannot connect to server.test:" + std::to_string(to_.port) +
                  ": Network is unreachable; check this host's routes, or set proxy_url where only a proxy "
                  "leads there");
}

TEST_F(Dial, AnIPv6AddressHasItsBrackets) {
    listeners_.clear();
    to_.host = "::1";
    EXPECT_THAT(connected(),
                ::testing::StartsWith("cannot connect to [::1]:" + std::to_string(to_.port) + ": "));
}

TEST_F(Dial, ADeadlineClosesAllAttempts) {
    hang("127.0.0.2");
    hang("127.0.0.3");
    addresses({"127.0.0.2", "127.0.0.3"});
    const auto before = open_files();
    EXPECT_FALSE(run(loop_, net::with_deadline(succeeds(dial(1ms)), 20ms)).has_value());
    run_dry(loop_);
    EXPECT_EQ(open_files(), before);
}

TEST_F(Dial, CancelledWhileItConnects) {
    hang("127.0.0.2");
    hang("127.0.0.3");
    addresses({"127.0.0.2", "127.0.0.3"});
    const auto before = open_files();
    const auto running = start(loop_, succeeds(dial(1ms)));
    run_until(loop_, [&] { return open_files() == before + 2; });
    EXPECT_EQ(doing_, "connecting to");
    cancel(loop_, running);
    EXPECT_THROW(finish(loop_, running), boost::system::system_error);
    run_dry(loop_);
    EXPECT_EQ(open_files(), before);
}

TEST_F(Dial, RacesOfEveryKind) {
    hang("127.0.0.2");
    std::mt19937 random(1); // NOLINT: the same on every run
    address_list mixed{"127.0.0.1", "127.0.0.2", "127.0.0.3", "::1", "224.0.0.1"};
    addresses({"127.0.0.1"});
    EXPECT_EQ(connected(), "127.0.0.1");
    const auto before = open_files();
    int won = 0;
    for (int round = 0; round < 400; ++round) {
        std::shuffle(mixed.begin(), mixed.end(), random);
        addresses(address_list(mixed.begin(), mixed.begin() + 1 + static_cast<int>(random() % mixed.size())));
        auto dialing = succeeds(dial(std::chrono::microseconds(random() % 300)));
        const auto deadline = std::chrono::microseconds(random() % 3000);
        const auto outcome = run(loop_, net::with_deadline(std::move(dialing), deadline));
        won += outcome && *outcome && **outcome ? 1 : 0;
        accept_all();
    }
    EXPECT_GT(won, 0);
    run_dry(loop_);
    EXPECT_EQ(open_files(), before);
}

} // namespace
} // namespace replmond::testing
