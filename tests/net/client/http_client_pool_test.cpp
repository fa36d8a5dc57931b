#include "tests/net/client/http_client_fixture.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>

/// Which connection a request goes over, and that no answer ever reaches another request.
namespace replmond::testing {
namespace {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;

// Answers with the target and the number of the connection.
script echo(const request& r) {
    return text_answer(r.target + " over " + std::to_string(r.connection));
}

TEST_F(HttpClient, AKeptConnectionIsUsedAgain) {
    serve(echo);
    expect_body(get("/a"), "/a over 1");
    expect_body(get("/b"), "/b over 1");
    expect_body(send(make_request("/c", "POST")), "/c over 1");
}

TEST_F(HttpClient, ConcurrentRequestsHaveTheirOwnConnections) {
    serve(echo);
    const auto a = make_request("/a");
    const auto b = make_request("/b");
    const auto first = start(loop_, client_->exchange(a, never));
    const auto second = start(loop_, client_->exchange(b, never));
    const auto answer_a = finish(loop_, first);
    const auto answer_b = finish(loop_, second);
    EXPECT_THAT(answer_a->body, ::testing::StartsWith("/a over "));
    EXPECT_THAT(answer_b->body, ::testing::StartsWith("/b over "));
    EXPECT_NE(answer_a->body.back(), answer_b->body.back());
    get("/c");
    EXPECT_EQ(server_->connections(), 2U);
}

TEST_F(HttpClient, AConnectionToBeClosedIsNotUsedAgain) {
    serve([](const request& r) {
        script plan = echo(r);
        plan.close = true;
        return plan;
    });
    expect_body(get("/a"), "/a over 1");
    expect_body(get("/b"), "/b over 2");
}

TEST_F(HttpClient, AConnectionIdleForTooLongIsNotUsedAgain) {
    settings_.idle_limit = std::chrono::seconds(0);
    serve(echo);
    get("/a");
    expect_body(get("/b"), "/b over 2");
}

TEST_F(HttpClient, AnIdleConnectionIsClosedByItself) {
    settings_.idle_limit = soon;
    serve(echo);
    for (const char* target : {"/a", "/b"}) {
        get(target);
        const auto life = seen_.back().connection_life;
        run_until(loop_, [&] { return life.expired(); });
    }
    EXPECT_EQ(server_->connections(), 2U);
}

TEST_F(HttpClient, WhatIsKeptDoesNotKeepTheLoop) {
    settings_.idle_limit = never;
    for (int i = 0; i < 3; ++i) {
        serve(echo);
        expect_body(get("/a"), "/a over 1");
        expect_body(get("/b"), "/b over 1");
        server_->stop();
        run_dry(loop_);
        client_.reset();
        run_dry(loop_);
    }
}

TEST_F(HttpClient, KeepsNoMoreThanItMay) {
    settings_.most_idle = 1;
    serve([](const request& r) {
        script plan = echo(r);
        if (r.target == "/slow")
            plan.delay = soon;
        return plan;
    });
    const auto quick = make_request("/quick");
    const auto slow = make_request("/slow");
    const auto first = start(loop_, client_->exchange(quick, never));
    const auto second = start(loop_, client_->exchange(slow, never));
    finish(loop_, first);
    finish(loop_, second);
    const auto of_quick = seen_[seen_[0].target == "/quick" ? 0 : 1];
    run_until(loop_, [&] { return of_quick.connection_life.expired(); });
    get("/next");
    EXPECT_NE(seen_.back().connection, of_quick.connection);
    EXPECT_EQ(server_->connections(), 2U);
}

TEST_F(HttpClient, AStaleConnectionIsReplacedOnceForGet) {
    for (const fault how : {fault::close_before_answer, fault::reset_before_answer}) {
        bool stale = true;
        serve([&](const request& r) {
            return r.target == "/b" && std::exchange(stale, false) ? broken(how) : echo(r);
        });
        expect_body(get("/a"), "/a over 1");
        expect_body(get("/b"), "/b over 2");
        EXPECT_EQ(seen_.size(), 3U);
        seen_.clear();
    }
}

TEST_F(HttpClient, WhoCountsRequestsIsToldOfAStaleConnection) {
    bool stale = true;
    serve([&](const request& r) {
        return r.target == "/b" && std::exchange(stale, false) ? broken(fault::close_before_answer) : echo(r);
    });
    expect_body(get("/a"), "/a over 1");
    const auto request = make_request("/b");
    bool unanswered = false;
    expect_failure(run(loop_, client_->exchange_counted(request, never, unanswered)), poll_result::network,
                   "closed before");
    EXPECT_TRUE(unanswered);
    EXPECT_EQ(seen_.size(), 2U);
    unanswered = false;
    expect_body(run(loop_, client_->exchange_counted(request, never, unanswered)), "/b over 2");
    EXPECT_FALSE(unanswered);
}

TEST_F(HttpClient, AStaleConnectionIsReplacedOnlyOnce) {
    serve([](const request& r) { return r.target == "/b" ? broken(fault::close_before_answer) : echo(r); });
    get("/a");
    expect_failure(get("/b"), poll_result::network, "closed before");
    EXPECT_EQ(seen_.size(), 3U);
    EXPECT_EQ(server_->connections(), 2U);
}

TEST_F(HttpClient, AStaleConnectionIsNotReplacedForPost) {
    serve([](const request& r) { return r.method == "POST" ? broken(fault::close_before_answer) : echo(r); });
    get("/a");
    expect_failure(send(make_request("/b", "POST")), poll_result::network);
    EXPECT_EQ(seen_.size(), 2U); // it may have been carried out
}

TEST_F(HttpClient, AFreshConnectionThatEndsIsNotReplaced) {
    answer(broken(fault::close_before_answer));
    expect_failure(get(), poll_result::network, "closed before");
    EXPECT_EQ(seen_.size(), 1U);
}

TEST_F(HttpClient, AKeptConnectionThatEndsInTheMiddleOfAnAnswerIsNotReplaced) {
    serve([](const request& r) {
        script plan = echo(r);
        if (r.target == "/b") {
            plan.fault = fault::cut_after;
            plan.cut_at = 20;
        }
        return plan;
    });
    get("/a");
    expect_failure(get("/b"), poll_result::network, "closed before");
    EXPECT_EQ(seen_.size(), 2U);
}

// The server closes what it keeps, without having been asked: also a POST finds out before it is sent.
TEST_F(HttpClient, AConnectionThatTheServerClosedIsNotUsed) {
    auto closed = std::make_unique<scripted_server>(loop_, echo);
    http::origin to;
    to.tls = false;
    to.host = "127.0.0.1";
    to.port = closed->port();
    connect_to(to);
    expect_body(get("/a"), "/a over 1");
    server_options again;
    again.port = closed->port();
    closed->stop();
    run_dry(loop_);
    closed = std::make_unique<scripted_server>(loop_, echo, again);
    expect_body(send(make_request("/b", "POST")), "/b over 1");
}

TEST_F(HttpClient, ATimedOutExchangeNeverAnswersTheNextRequest) {
    serve([](const request& r) {
        script plan = echo(r);
        if (r.target == "/old")
            plan.delay = std::chrono::milliseconds(60);
        return plan;
    });
    expect_body(get("/first"), "/first over 1");
    expect_failure(get("/old", soon), poll_result::timeout, "reading the answer");
    expect_body(get("/new"), "/new over 2");
}

TEST_F(HttpClient, AnExchangeTimedOutInItsBodyNeverAnswersTheNextRequest) {
    serve([](const request& r) {
        script plan = echo(r);
        if (r.target == "/old") {
            plan.fault = fault::trickle;
            plan.interval = std::chrono::milliseconds(2);
        }
        return plan;
    });
    get("/first");
    expect_failure(get("/old", soon), poll_result::timeout);
    expect_body(get("/new"), "/new over 2");
}

TEST_F(HttpClient, ACancelledExchangeThrowsAndNeverAnswersTheNextRequest) {
    serve([](const request& r) {
        script plan = echo(r);
        if (r.target == "/old")
            plan.delay = std::chrono::milliseconds(20);
        return plan;
    });
    get("/first");
    const auto request = make_request("/old");
    const auto running = start(loop_, client_->exchange(request, never));
    run_until(loop_, [&] { return seen_.size() == 2; });
    cancel(loop_, running);
    EXPECT_THROW(finish(loop_, running), boost::system::system_error);
    expect_body(get("/new"), "/new over 2");
}

TEST_F(HttpClient, EveryExchangeOverAKeptConnectionHasADeadlineOfItsOwn) {
    serve([](const request& r) {
        script plan = echo(r);
        if (r.target == "/late")
            plan.delay = std::chrono::milliseconds(60);
        return plan;
    });
    get("/a");
    expect_body(get("/b", never), "/b over 1");
    expect_failure(get("/late", soon), poll_result::timeout, "no answer within 30 ms: reading the answer");
    get("/c");
    expect_body(get("/d", soon), "/d over 2");
    expect_body(get("/late", never), "/late over 2"); // that of /d has passed meanwhile
}

class HttpClientCancelled : public HttpClient, public ::testing::WithParamInterface<bool> {};

INSTANTIATE_TEST_SUITE_P(OverAKeptConnection, HttpClientCancelled, ::testing::Bool());

TEST_P(HttpClientCancelled, AtEveryStepOfTheLoop) {
    serve(echo);
    // One turn of the loop later each time, so that every await of an exchange is hit, until one comes
    // through.
    bool ended = false;
    for (int turns = 0; !ended && turns < 1000; ++turns) {
        reconnect();
        if (GetParam())
            get("/kept");
        const auto request = make_request("/" + std::to_string(turns));
        const auto running = start(loop_, client_->exchange(request, never));
        loop_.restart();
        for (int i = 0; i < turns && !running->done; ++i)
            loop_.run_one_for(patience);
        ended = running->done;
        cancel(loop_, running);
        try {
            const auto answered = finish(loop_, running);
            ASSERT_TRUE(answered) << answered.error().error_msg;
            EXPECT_THAT(answered->body, ::testing::StartsWith(request.target + " over "));
        } catch (const boost::system::system_error& e) {
            EXPECT_EQ(e.code(), asio::error::operation_aborted);
        }
    }
    EXPECT_TRUE(ended);
}

TEST_F(HttpClient, BytesBehindAnAnswerEndTheConnection) {
    answer(raw_answer("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
                      "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nsmuggle"));
    expect_body(get("/a"), "ok");
    expect_body(get("/b"), "ok");
    EXPECT_EQ(server_->connections(), 2U);
}

// As above, but they come after the connection was put aside.
TEST_F(HttpClient, BytesBetweenTwoExchangesEndTheConnection) {
    tcp::acceptor acceptor(loop_, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
    http::origin to;
    to.tls = false;
    to.host = "127.0.0.1";
    to.port = acceptor.local_endpoint().port();
    connect_to(to);

    std::vector<tcp::socket> peers;
    std::string input;
    std::function<void()> accept_one = [&] {
        acceptor.async_accept([&](boost::system::error_code ec, tcp::socket peer) {
            if (ec)
                return;
            peers.push_back(std::move(peer));
            asio::async_read_until(peers.back(), asio::dynamic_buffer(input), "\r\n\r\n",
                                   [&](boost::system::error_code, std::size_t) {
                                       const std::string text =
                                           "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n" +
                                           std::to_string(peers.size());
                                       asio::write(peers.back(), asio::buffer(text));
                                   });
            accept_one();
        });
    };
    accept_one();
    expect_body(get("/a"), "1");
    input.clear();
    const std::string unasked = "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nsmuggle";
    asio::write(peers[0], asio::buffer(unasked));
    expect_body(get("/b"), "2");
    acceptor.close();
}

} // namespace
} // namespace replmond::testing
