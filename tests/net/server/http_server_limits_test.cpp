#include "daemon/net/server/http_server.hpp"
#include "tests/net/server/http_server_fixture.hpp"

#include <list>
#include <sys/resource.h>
#include <unistd.h>

/// Connections that come in numbers, say nothing, stay or leave; addresses to listen on.
namespace replmond::testing {
namespace {

namespace asio = boost::asio;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

constexpr auto request = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n";
const std::string answer_end = "\r\n\r\nGET /a\n";

TEST_F(HttpServer, AFullServerClosesTheOneThatWaitsTheLongest) {
    limits_.connections = 2;
    auto first = client();
    first.send("GET /a HTTP/1.1\r\nHo");
    auto second = client();
    second.send(request);
    EXPECT_THAT(second.read_to(answer_end), EndsWith(answer_end));

    auto third = client();
    third.send(request);
    EXPECT_THAT(third.read_to(answer_end), EndsWith(answer_end));
    EXPECT_THAT(first.read_all(), IsEmpty());
    EXPECT_TRUE(first.ended());
    second.send(request); // is there still, and waits less long than the third now
    EXPECT_THAT(second.read_to(answer_end), EndsWith(answer_end));

    auto fourth = client();
    fourth.send(request);
    EXPECT_THAT(fourth.read_to(answer_end), EndsWith(answer_end));
    EXPECT_THAT(third.read_all(), IsEmpty());
    EXPECT_FALSE(second.ended());
}

TEST_F(HttpServer, OneThatTakesItsAnswerStaysWhileOthersWait) {
    limits_.connections = 2;
    auto greedy = client();
    greedy.send("GET /large HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    const std::size_t first = greedy.read_bytes(large_answer / 4).size();
    std::list<raw_client> silent;
    for (int i = 0; i < 5; ++i) {
        silent.push_back(client());
        run_until(loop_, [&] { return server_->connections() == 2 && group_.size() <= 4; });
    }
    EXPECT_GT(first + greedy.read_all().size(), large_answer);
}

TEST_F(HttpServer, SilentOnesInNumbersKeepNobodyOut) {
    limits_.connections = 8;
    std::list<raw_client> silent;
    for (int i = 0; i < 100; ++i)
        silent.push_back(client());
    auto peer = client();
    peer.send(request);
    EXPECT_THAT(peer.read_to(answer_end), EndsWith(answer_end));
    EXPECT_EQ(server_->connections(), 8U);
    run_until(loop_, [&] { return group_.size() == 9; });
}

TEST_F(HttpServer, EachOfManyAtOnceIsLetIn) {
    limits_.connections = 3;
    std::list<raw_client> peers;
    for (int i = 0; i < 10; ++i)
        peers.push_back(client());
    run_until(loop_, [&] { return group_.size() == 4 && server_->connections() == 3; });
    std::size_t open = 0;
    for (auto peer = peers.rbegin(); peer != peers.rend(); ++peer) {
        if (++open > 3)
            break;
        peer->send("GET /a HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
        EXPECT_THAT(peer->read_all(), EndsWith(answer_end));
    }
    EXPECT_EQ(seen_.size(), 3U);
}

// A text over all that may be on its way is sent, alone.
TEST_F(HttpServer, TextOnItsWayIsLimited) {
    limits_.answer_bytes = 3 * large_answer / 2;
    std::list<raw_client> readers;
    for (int i = 0; i < 3; ++i) {
        readers.push_back(client());
        readers.back().send("GET /large HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
        run_until(loop_, [&] { return seen_.size() == readers.size(); });
    }
    EXPECT_GT(readers.back().read_all().size(), large_answer);
    readers.pop_back();
    for (auto& each : readers)
        EXPECT_LT(each.read_all().size(), large_answer); // cut: the newest came first
}

TEST_F(HttpServer, ASharedTextCountsOnce) {
    limits_.answer_bytes = 3 * large_answer / 2;
    std::list<raw_client> readers;
    for (int i = 0; i < 20; ++i) {
        readers.push_back(client());
        readers.back().send("GET /shared HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
    }
    run_until(loop_, [&] { return seen_.size() == readers.size(); });
    EXPECT_EQ(server_->connections(), 20U);
    EXPECT_GT(shared_.use_count(), 10); // nobody copied it
    for (auto& each : readers)
        EXPECT_GT(each.read_all().size(), large_answer);
}

// The kernel gives none for a while; the client that came meanwhile is answered all the same.
TEST_F(HttpServer, OutOfDescriptors) {
    limits_.scarce_time = std::chrono::hours(1);
    std::list<raw_client> silent;
    for (int i = 0; i < 8; ++i)
        silent.push_back(client());
    run_until(loop_, [&] { return server_->connections() == 8; });

    auto peer = client(); // waits in the listener's queue: the loop did not turn
    struct rlimit files {};
    ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &files), 0);
    const int lowest_free = ::dup(0);
    ASSERT_EQ(::close(lowest_free), 0);
    const struct rlimit fewer { static_cast<rlim_t>(lowest_free), files.rlim_max };
    ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &fewer), 0);
    peer.send(request);
    const auto answer = peer.read_to(answer_end);
    setrlimit(RLIMIT_NOFILE, &files);
    EXPECT_THAT(answer, EndsWith(answer_end));
    EXPECT_LE(server_->connections(), 6U); // and it keeps some free for others
    EXPECT_THAT(silent.front().read_all(), IsEmpty());
}

TEST_F(HttpServer, WhoSaysNothingIsClosed) {
    limits_.request_time = soon;
    EXPECT_THAT(exchange(""), IsEmpty());
}

TEST_F(HttpServer, WhoIsTooSlowIsToldAndClosed) {
    limits_.request_time = soon;
    auto peer = client();
    peer.send("GET /a HTTP/1.1\r\nHo");
    EXPECT_THAT(peer.read_all(), StartsWith("HTTP/1.1 408 Request Timeout\r\n"));
    EXPECT_TRUE(seen_.empty());
    EXPECT_THAT(refused_, ElementsAre(408));
}

TEST_F(HttpServer, TheSecondRequestHasItsTimeToo) {
    limits_.request_time = soon;
    auto peer = client();
    peer.send(request);
    EXPECT_THAT(peer.read_to(answer_end), EndsWith(answer_end));
    peer.send("GET /b HTTP/1.1\r\nHo");
    EXPECT_THAT(peer.read_all(), StartsWith("HTTP/1.1 408 Request Timeout\r\n"));
}

TEST_F(HttpServer, WhoIsIdleForTooLongIsClosed) {
    limits_.idle_time = soon;
    auto peer = client();
    peer.send(request);
    EXPECT_THAT(peer.read_to(answer_end), EndsWith(answer_end));
    EXPECT_THAT(peer.read_all(), IsEmpty());
}

// The loop had no time to read it sooner.
TEST_F(HttpServer, AWholeRequestIsAnsweredHoweverLateItIsRead) {
    limits_.request_time = soon;
    auto peer = client();
    settle();
    peer.send("GET /a HTTP/1.1\r\n");
    settle();
    peer.send("Host: h\r\n\r\n");
    hold_loop_for(2 * soon);
    EXPECT_THAT(peer.read_to(answer_end), EndsWith(answer_end));
}

// Its next request arrives as its time is over: the loop was busy with something else.
TEST_F(HttpServer, WhoAsksAtTheEndOfItsIdleTimeIsAnswered) {
    limits_.idle_time = soon;
    auto peer = client();
    peer.send(request);
    EXPECT_THAT(peer.read_to(answer_end), EndsWith(answer_end));
    settle();
    peer.send(request);
    hold_loop_for(2 * soon);
    EXPECT_THAT(peer.read_to(answer_end), EndsWith(answer_end));
}

TEST_F(HttpServer, WhoTakesNothingIsClosed) {
    limits_.answer_time = soon;
    auto peer = client();
    peer.send("GET /large HTTP/1.1\r\nHost: h\r\n\r\n");
    // Reads nothing; the session ends by itself.
    run_until(loop_, [&] { return !seen_.empty() && group_.size() == 1; });
}

TEST_F(HttpServer, ClientsThatLeaveAtAnyMoment) {
    const std::string whole = request;
    for (std::size_t length = 0; length <= whole.size(); ++length) {
        auto peer = client();
        peer.send(whole.substr(0, length));
        peer.end_sending();
        peer.read_all();
        client().send(whole.substr(0, length)); // and one that resets
    }
    run_until(loop_, [&] { return group_.size() == 1; });
    EXPECT_THAT(exchange("GET /a HTTP/1.0\r\n\r\n"), EndsWith(answer_end));
}

TEST_F(HttpServer, StopEndsIdleHalfSentAndUntakenConnections) {
    auto idle = client();
    idle.send(request);
    EXPECT_THAT(idle.read_to(answer_end), EndsWith(answer_end));
    auto silent = client();
    auto half = client();
    half.send("GET /b HTTP/1.1\r\nHo");
    auto greedy = client();
    greedy.send("GET /large HTTP/1.1\r\nHost: h\r\n\r\n");
    run_until(loop_, [&] { return seen_.size() == 2 && group_.size() == 5; });

    stop();
    EXPECT_EQ(group_.size(), 0U);
    EXPECT_THAT(idle.read_all(), IsEmpty());
    EXPECT_THAT(silent.read_all(), IsEmpty());
    EXPECT_THAT(half.read_all(), IsEmpty());
    greedy.read_all();
    EXPECT_TRUE(greedy.ended());
}

TEST_F(HttpServer, TwoListenersShareHandlerAndGroup) {
    const auto one = serve();
    const auto two = serve();
    EXPECT_NE(one.port(), two.port());
    raw_client first(loop_, one);
    raw_client second(loop_, two);
    second.send(request);
    first.send(request);
    EXPECT_THAT(first.read_to(answer_end), EndsWith(answer_end));
    EXPECT_THAT(second.read_to(answer_end), EndsWith(answer_end));
}

bool has_ipv6() {
    try {
        asio::io_context loop;
        const auto tried = server::listen_on(loop.get_executor(), "[::1]:0", 1);
        return true;
    } catch (const boost::system::system_error&) {
        return false;
    }
}

TEST_F(HttpServer, ListensOnIpv6) {
    if (!has_ipv6())
        GTEST_SKIP() << "this machine has no IPv6";
    const auto at = serve("[::1]:0");
    EXPECT_EQ(at.address().to_string(), "::1");
    raw_client peer(loop_, at);
    peer.send(request);
    EXPECT_THAT(peer.read_to(answer_end), EndsWith(answer_end));
}

TEST_F(HttpServer, APortAloneIsEveryAddress) {
    const auto at = serve(":0");
    raw_client v4(loop_, asio::ip::tcp::endpoint(asio::ip::address_v4::loopback(), at.port()));
    v4.send(request);
    EXPECT_THAT(v4.read_to(answer_end), EndsWith(answer_end));
    if (!has_ipv6())
        return;
    raw_client v6(loop_, asio::ip::tcp::endpoint(asio::ip::address_v6::loopback(), at.port()));
    v6.send(request);
    EXPECT_THAT(v6.read_to(answer_end), EndsWith(answer_end));
}

TEST_F(HttpServer, NamesCanBeListenedOn) {
    EXPECT_TRUE(serve("localhost:0").address().is_loopback());
}

TEST_F(HttpServer, APortInUse) {
    const auto taken = serve();
    try {
        serve("127.0.0.1:" + std::to_string(taken.port()));
        FAIL() << "listened twice";
    } catch (const boost::system::system_error& e) {
        EXPECT_EQ(e.code(), asio::error::address_in_use);
    }
    try {
        serve(":" + std::to_string(taken.port()));
        FAIL() << "listened twice";
    } catch (const boost::system::system_error& e) {
        EXPECT_EQ(e.code(), asio::error::address_in_use);
    }
}

TEST_F(HttpServer, AnAddressThatIsNotOurs) {
    EXPECT_THROW(serve("192.0.2.1:0"), boost::system::system_error);
}

TEST_F(HttpServer, AddressesThatAreNone) {
    const std::vector<std::pair<std::string, std::string>> wrong = {
        {"localhost", "expected [HOST]:PORT, got \"localhost\""},
        {"", "expected [HOST]:PORT, got \"\""},
        {"localhost:", "expected a port from 0 to 65535, got \"\""},
        {"localhost:http", "expected a port from 0 to 65535, got \"http\""},
        {"localhost:80x", "expected a port from 0 to 65535, got \"80x\""},
        {"localhost:-1", "expected a port from 0 to 65535, got \"-1\""},
        {"localhost:65536", "expected a port from 0 to 65535, got \"65536\""},
        {"localhost:99999999999", "expected a port from 0 to 65535, got \"99999999999\""},
        {"::1", "expected [HOST]:PORT, got \"::1\""},
        {"::1:80", "expected [HOST]:PORT, got \"::1:80\""},
        {"[::1]", "expected [HOST]:PORT, got \"[::1]\""},
        {"[]:80", "expected [HOST]:PORT, got \"[]:80\""},
    };
    for (const auto& [address, text] : wrong) {
        SCOPED_TRACE(address);
        try {
            serve(address);
            ADD_FAILURE() << "listens";
        } catch (const std::invalid_argument& e) {
            EXPECT_EQ(e.what(), text);
        } catch (const std::exception& e) {
            ADD_FAILURE() << e.what();
        }
    }
}

} // namespace
} // namespace replmond::testing
