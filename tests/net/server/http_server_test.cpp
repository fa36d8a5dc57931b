#include "tests/net/server/http_server_fixture.hpp"

#include <boost/asio/ssl/context.hpp>

#include <cerrno>
#include <system_error>

namespace replmond::testing {
namespace {

namespace asio = boost::asio;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

std::string get(const std::string& target, const std::string& more = "") {
    return "GET " + target + " HTTP/1.1\r\nHost: h\r\n" + more + "\r\n";
}

TEST_F(HttpServer, AnswersAndCloses) {
    const auto text = exchange(get("/a?b=c", "X-Probe: 1\r\nConnection: close\r\n"));
    EXPECT_THAT(text, StartsWith("HTTP/1.1 200 OK\r\n"));
    EXPECT_THAT(text, HasSubstr("Content-Type: text/plain\r\n"));
    EXPECT_THAT(text, HasSubstr("Content-Length: 11\r\n"));
    EXPECT_THAT(text, HasSubstr("Connection: close\r\n"));
    EXPECT_THAT(text, HasSubstr("\r\nDate: "));
    EXPECT_THAT(text, EndsWith("\r\n\r\nGET /a?b=c\n"));
    ASSERT_EQ(seen_.size(), 1U);
    EXPECT_EQ(http::find_header(seen_[0].headers, "x-probe"), "1");
}

TEST_F(HttpServer, KeepsTheConnection) {
    auto peer = client();
    for (int i = 0; i < 3; ++i) {
        peer.send(get("/a"));
        const auto text = peer.read_to("GET /a\n");
        EXPECT_THAT(text, Not(HasSubstr("Connection: close")));
    }
    EXPECT_FALSE(peer.ended());
    EXPECT_EQ(group_.size(), 2U); // the listener and one session
}

TEST_F(HttpServer, AnswersPipelinedRequestsInTheirOrder) {
    const auto text =
        exchange(get("/1") + get("/2") + "POST /3 HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n" +
                 get("/4", "Connection: close\r\n") + get("/never"));
    const std::vector<std::string> bodies = {"GET /1\n", "GET /2\n", "POST /3\n", "GET /4\n"};
    std::size_t at = 0;
    for (const auto& body : bodies) {
        at = text.find("\r\n\r\n" + body, at);
        ASSERT_NE(at, std::string::npos) << body << " in " << text;
    }
    EXPECT_EQ(seen_.size(), 4U);
}

TEST_F(HttpServer, ARequestInSinglePieces) {
    auto peer = client();
    for (const char c : get("/a")) {
        peer.send(std::string_view(&c, 1));
        loop_.restart();
        loop_.poll();
    }
    EXPECT_THAT(peer.read_to("GET /a\n"), StartsWith("HTTP/1.1 200 OK\r\n"));
}

TEST_F(HttpServer, HeadHasTheLengthAndNoBody) {
    const auto text = exchange("HEAD /a HTTP/1.1\r\nHost: h\r\n\r\n" + get("/b", "Connection: close\r\n"));
    EXPECT_THAT(text, HasSubstr("Content-Length: 8\r\n"));
    EXPECT_THAT(text, Not(HasSubstr("HEAD /a\n")));
    EXPECT_THAT(text, EndsWith("\r\n\r\nGET /b\n"));
}

TEST_F(HttpServer, AnEmptyBodyHasItsLength) {
    EXPECT_THAT(exchange(get("/empty", "Connection: close\r\n")), HasSubstr("Content-Length: 0\r\n"));
}

TEST_F(HttpServer, Http10EndsWithTheAnswer) {
    const auto text = exchange("GET /a HTTP/1.0\r\n\r\n");
    EXPECT_THAT(text, HasSubstr("Connection: close\r\n"));
    EXPECT_THAT(text, EndsWith("GET /a\n"));
}

// A client of HTTP/1.0 that asks for it must be told that it got it, or it waits for the end.
TEST_F(HttpServer, Http10CanKeepTheConnection) {
    auto peer = client();
    for (int i = 0; i < 2; ++i) {
        peer.send("GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
        EXPECT_THAT(peer.read_to("GET /a\n"), HasSubstr("Connection: keep-alive\r\n"));
    }
    EXPECT_FALSE(peer.ended());
}

TEST_F(HttpServer, WhatIsNoRequestIs400) {
    const std::vector<std::string> wrong = {
        "nonsense\r\n\r\n",
        "GET /a\r\n\r\n",
        "GET  /a HTTP/1.1\r\n\r\n",
        "GET /a HTTP/1.1\r\nno colon\r\n\r\n",
        std::string("\x16\x03\x01\x02\x00\x01\r\n\r\n", 10), // TLS
    };
    for (const auto& bytes : wrong) {
        SCOPED_TRACE(bytes);
        const auto text = exchange(bytes);
        EXPECT_THAT(text, StartsWith("HTTP/1.1 400 Bad Request\r\n"));
        EXPECT_THAT(text, HasSubstr("Connection: close\r\n"));
    }
    EXPECT_TRUE(seen_.empty());
}

TEST_F(HttpServer, ABadRequestBehindAGoodOne) {
    const auto text = exchange(get("/a") + "nonsense\r\n\r\n");
    EXPECT_THAT(text, StartsWith("HTTP/1.1 200 OK\r\n"));
    EXPECT_THAT(text, HasSubstr("GET /a\nHTTP/1.1 400 Bad Request\r\n"));
}

TEST_F(HttpServer, AHeaderOverItsLimitIs431) {
    auto peer = client();
    peer.send_all(get("/a", "X-Long: " + std::string(64 * 1024, 'h') + "\r\n"));
    EXPECT_THAT(peer.read_all(), StartsWith("HTTP/1.1 431 "));
    EXPECT_EQ(peer.ending(), asio::error::eof); // not reset: that would lose the answer on the way
    EXPECT_TRUE(seen_.empty());
}

TEST_F(HttpServer, WhatIsWrongBesideABodyIsSaidFirst) {
    serve();
    server_->set_body_objection([](const http::http_request& request) -> std::optional<http::http_reply> {
        if (request.method == "PUT")
            return http::plain_reply(405, "not so");
        return std::nullopt;
    });
    for (const auto& [method, status] : {std::pair("PUT", "405"), std::pair("POST", "413")}) {
        auto peer = client();
        peer.send_all(std::string(method) + " /a HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n{}");
        EXPECT_THAT(peer.read_all(), StartsWith(std::string("HTTP/1.1 ") + status + " ")) << method;
        EXPECT_EQ(peer.ending(), asio::error::eof) << method;
    }
    EXPECT_TRUE(seen_.empty());
}

TEST_F(HttpServer, ALargeBodyIs413) {
    auto peer = client();
    const std::string body(4 * 1024 * 1024, 'b');
    peer.send_all("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(body.size()) +
                  "\r\n\r\n" + body);
    EXPECT_THAT(peer.read_all(), StartsWith("HTTP/1.1 413 "));
    EXPECT_EQ(peer.ending(), asio::error::eof);
    EXPECT_TRUE(seen_.empty());
}

TEST_F(HttpServer, AHandlerThatThrowsIs500AndTheConnectionGoesOn) {
    auto peer = client();
    peer.send(get("/throw"));
    const auto text = peer.read_to("internal error\n");
    EXPECT_THAT(text, StartsWith("HTTP/1.1 500 Internal Server Error\r\n"));
    EXPECT_THAT(text, Not(HasSubstr("secret detail")));
    peer.send(get("/a"));
    EXPECT_THAT(peer.read_to("GET /a\n"), StartsWith("HTTP/1.1 200 OK\r\n"));
}

TEST_F(HttpServer, WhateverAHandlerThrowsIs500AndTold) {
    auto peer = client();
    for (const std::string target : {"/throw", "/throw-other", "/no-memory"}) {
        peer.send(get(target));
        EXPECT_THAT(peer.read_to("internal error\n"), StartsWith("HTTP/1.1 500 ")) << target;
    }
    EXPECT_THAT(failures_, ElementsAre("/throw: secret detail",
                                       "/throw-other: something that is no std::exception was thrown",
                                       "/no-memory: std::bad_alloc"));
    EXPECT_TRUE(refused_.empty());
}

class throwing_filter : public server::access_filter {
public:
    std::shared_ptr<asio::ssl::context> tls() override {
        if (tls_fails)
            throw std::runtime_error("no certificate");
        return nullptr;
    }
    asio::awaitable<std::optional<http::http_reply>> authorize(const http::http_request& request) override {
        if (request.target == "/thread")
            throw std::system_error(EAGAIN, std::generic_category(), "thread");
        if (request.target == "/other")
            throw 7;
        co_return std::nullopt;
    }
    void add_headers(http::http_reply&) const override {}

    bool tls_fails = false;
};

// One request ended the process.
TEST_F(HttpServer, WhatIsThrownForAConnectionEndsThatOne) {
    throwing_filter filter;
    access_filter_ = &filter;
    auto witness = client();
    EXPECT_EQ(exchange(get("/thread")), "");
    EXPECT_EQ(exchange(get("/other")), "");
    filter.tls_fails = true;
    EXPECT_EQ(exchange(get("/a")), "");
    EXPECT_THAT(failures_,
                ElementsAre("-: thread: Resource temporarily unavailable",
                            "-: something that is no std::exception was thrown", "-: no certificate"));
    witness.send(get("/a"));
    EXPECT_THAT(witness.read_to("GET /a\n"), StartsWith("HTTP/1.1 200 OK\r\n"));
    run_until(loop_, [&] { return server_->connections() == 1; });
    stop(); // before the filter goes
}

TEST_F(HttpServer, AReportThatThrowsEndsNothing) {
    serve();
    server_->on_failure([](const http::http_failure&) { throw std::bad_alloc(); });
    auto peer = client();
    peer.send(get("/throw") + get("/a"));
    EXPECT_THAT(peer.read_to("GET /a\n"), HasSubstr("HTTP/1.1 200 OK\r\n"));
}

// Thousands of requests in one packet: whoever else is on the loop has its turn after each.
TEST_F(HttpServer, OthersAreServedBetweenPipelinedRequests) {
    auto greedy = client();
    auto other = client();
    settle();
    std::string many;
    for (int i = 0; i < 2000; ++i)
        many += get("/m");
    greedy.send_all(many);
    run_until(loop_, [&] { return !seen_.empty(); });
    std::size_t until_timer = 0;
    asio::steady_timer timer(loop_, std::chrono::seconds(0));
    timer.async_wait([&](const boost::system::error_code& gone) {
        if (!gone)
            until_timer = seen_.size();
    });
    other.send(get("/other"));
    EXPECT_THAT(other.read_to("GET /other\n"), StartsWith("HTTP/1.1 200 OK\r\n"));
    EXPECT_LT(seen_.size(), 100U);
    EXPECT_GT(until_timer, 0U);
    EXPECT_LT(until_timer, 100U);
}

TEST_F(HttpServer, NothingIsAnsweredAnyMoreWhileItStops) {
    auto peer = client();
    auto second = client();
    settle();
    std::string many;
    for (int i = 0; i < 100; ++i)
        many += get("/m");
    second.send(many);
    peer.send(many);
    run_until(loop_, [&] { return !seen_.empty(); });
    server_->stop_listening(); // those that are ready to run have not been told to stop
    const std::size_t before = seen_.size();
    settle();
    EXPECT_EQ(seen_.size(), before);
    run_until(loop_, [&] { return server_->connections() == 0; });
}

// Heads pile up until nothing more can be written: each of their answers was long.
TEST_F(HttpServer, AnAnswerToHeadHoldsNoBody) {
    auto peer = client();
    peer.take_little();
    std::string many;
    for (int i = 0; i < 20'000; ++i)
        many += "HEAD /shared HTTP/1.1\r\nHost: h\r\n\r\n";
    peer.send_all(many);
    settle();
    EXPECT_GT(seen_.size(), 100U);
    EXPECT_LT(seen_.size(), 20'000U) << "it never had to wait";
    EXPECT_EQ(shared_.use_count(), 1);
}

TEST_F(HttpServer, ALargeAnswerArrivesWhole) {
    const auto text = exchange(get("/large", "Connection: close\r\n"));
    EXPECT_GT(text.size(), 32U * 1024 * 1024);
}

} // namespace
} // namespace replmond::testing
