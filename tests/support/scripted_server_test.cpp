#include "tests/support/scripted_server.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <future>
#include <memory>
#include <stdexcept>
#include <thread>

namespace asio = boost::asio;
using boost::system::error_code;
using tcp = asio::ip::tcp;

namespace replmond::testing {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr auto simple_get = "GET /a HTTP/1.1\r\nHost: h\r\n\r\n";

// A client that knows no HTTP: what it sees are bytes and how the connection ended.
class plain_client {
public:
    explicit plain_client(std::uint16_t port) : socket_(context_) {
        socket_.connect(tcp::endpoint(asio::ip::address_v4::loopback(), port));
    }

    void send(std::string_view bytes) { asio::write(socket_, asio::buffer(bytes.data(), bytes.size())); }

    // Everything until the connection ends.
    std::string read_all() {
        std::string text;
        while (read_more(text)) {
        }
        return text;
    }

    // At least until `text` ends with `end`.
    std::string read_until(std::string_view end) {
        std::string text;
        while (!std::string_view(text).ends_with(end) && read_more(text)) {
        }
        return text;
    }

    // How the connection ended, after read_all().
    error_code ending() const { return ending_; }

private:
    bool read_more(std::string& text) {
        std::array<char, 4096> some{};
        const std::size_t count = socket_.read_some(asio::buffer(some), ending_);
        text.append(some.data(), count);
        return !ending_;
    }

    asio::io_context context_;
    tcp::socket socket_;
    error_code ending_;
};

// The server on a thread of its own, since the client blocks.
class ScriptedServer : public ::testing::Test {
protected:
    void serve(request_handler handler) {
        server_ = std::make_unique<scripted_server>(context_, std::move(handler));
        port_ = server_->port();
        thread_ = std::thread([this] { context_.run(); });
    }

    void answer(const script& plan) {
        serve([plan](const request&) { return plan; });
    }

    void stop() {
        if (!thread_.joinable())
            return;
        asio::post(context_, [this] { server_->stop(); });
        thread_.join(); // run() must come back by itself: nothing may be left behind
    }

    void TearDown() override { stop(); }

    std::string exchange(std::string_view bytes) {
        plain_client client(port_);
        client.send(bytes);
        std::string text = client.read_all();
        ending_ = client.ending();
        return text;
    }

    asio::io_context context_{1};
    std::unique_ptr<scripted_server> server_;
    std::thread thread_;
    std::uint16_t port_ = 0;
    error_code ending_;
};

script text_answer(std::string body) {
    script plan;
    plan.body = std::move(body);
    return plan;
}

TEST_F(ScriptedServer, AnswersAndShowsTheRequest) {
    request seen;
    serve([&](const request& r) {
        seen = r;
        auto plan = text_answer("hello");
        plan.status = 201;
        plan.headers.emplace_back("X-Request-Id", "r1");
        plan.close = true;
        return plan;
    });

    const auto text =
        exchange("POST /a%20b/%E4%B8%80?x=1&y=a+b%26&x=2&flag HTTP/1.1\r\nHost: h\r\nx-auth-TOKEN: t\r\n"
                 "Content-Length: 4\r\n\r\nbody");
    stop();

    EXPECT_EQ(
        text,
        "HTTP/1.1 201 Created\r\nX-Request-Id: r1\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello");
    EXPECT_EQ(ending_, asio::error::eof);
    EXPECT_EQ(seen.method, "POST");
    EXPECT_EQ(seen.path, "/a b/一");
    const std::vector<field> query{{"x", "1"}, {"y", "a b&"}, {"x", "2"}, {"flag", ""}};
    EXPECT_EQ(seen.query, query);
    EXPECT_EQ(seen.parameter("x"), "1");
    EXPECT_EQ(seen.parameter("z"), std::nullopt);
    EXPECT_EQ(seen.header("X-Auth-Token"), "t");
    EXPECT_EQ(seen.header("X-None"), std::nullopt);
    EXPECT_EQ(seen.body, "body");
    EXPECT_EQ(seen.peer, "127.0.0.1");
}

TEST_F(ScriptedServer, NumbersConnectionsSoThatReuseShows) {
    serve([](const request& r) { return text_answer("#" + std::to_string(r.connection) + ";"); });
    plain_client first(port_);
    first.send(simple_get);
    EXPECT_THAT(first.read_until(";"), EndsWith("#1;"));
    first.send(simple_get);
    EXPECT_THAT(first.read_until(";"), EndsWith("#1;"));
    plain_client second(port_);
    second.send(simple_get);
    EXPECT_THAT(second.read_until(";"), EndsWith("#2;"));
    stop();
    EXPECT_EQ(server_->connections(), 2u);
}

TEST_F(ScriptedServer, HonoursTheClientsConnectionCloseAndHead) {
    answer(text_answer("hello"));
    EXPECT_EQ(exchange("HEAD / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"),
              "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\n");
    EXPECT_EQ(ending_, asio::error::eof);
}

TEST_F(ScriptedServer, AHandlerThatThrowsIsA500AndTheServerGoesOn) {
    serve([](const request& r) -> script {
        if (r.path == "/bad")
            throw std::runtime_error("boom");
        return text_answer("fine;");
    });
    plain_client client(port_);
    client.send("GET /bad HTTP/1.1\r\nHost: h\r\n\r\n");
    const auto failure = client.read_until("boom\n");
    EXPECT_THAT(failure, StartsWith("HTTP/1.1 500 Internal Server Error\r\n"));
    client.send(simple_get);
    EXPECT_THAT(client.read_until("fine;"), StartsWith("HTTP/1.1 200 OK\r\n"));
}

TEST_F(ScriptedServer, AnswersNoHttpWith400) {
    answer({});
    EXPECT_THAT(exchange("\x16\x03\x01 no http\r\n\r\n"), StartsWith("HTTP/1.1 400 Bad Request\r\n"));
}

TEST_F(ScriptedServer, ResetsBeforeTheAnswer) {
    script plan;
    plan.fault = fault::reset_before_answer;
    answer(plan);
    EXPECT_EQ(exchange(simple_get), "");
    EXPECT_EQ(ending_, asio::error::connection_reset);
}

TEST_F(ScriptedServer, ClosesBeforeTheAnswer) {
    script plan;
    plan.fault = fault::close_before_answer;
    answer(plan);
    EXPECT_EQ(exchange(simple_get), "");
    EXPECT_EQ(ending_, asio::error::eof);
}

TEST_F(ScriptedServer, CutsAndResetsInTheBody) {
    auto plan = text_answer("hello");
    plan.fault = fault::cut_after;
    plan.cut_in_body = true;
    plan.cut_at = 2;
    answer(plan);
    EXPECT_EQ(exchange(simple_get), "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe");
    EXPECT_EQ(ending_, asio::error::eof);
}

TEST_F(ScriptedServer, SaysWhenAnswersAndConnectionsAreOver) {
    int answering = 0;
    int most = 0;
    std::vector<std::weak_ptr<const void>> lives;
    serve([&](const request& r) {
        lives.push_back(r.connection_life);
        most = std::max(most, ++answering);
        auto plan = text_answer("done;");
        plan.until_done = std::shared_ptr<void>(nullptr, [&answering](void*) { --answering; });
        if (r.path == "/hang")
            plan.fault = fault::hang_before_answer;
        return plan;
    });
    {
        plain_client hanging(port_);
        hanging.send("GET /hang HTTP/1.1\r\nHost: h\r\n\r\n");
        plain_client other(port_);
        other.send(simple_get);
        EXPECT_THAT(other.read_until("done;"), EndsWith("done;"));
        other.send(simple_get);
        EXPECT_THAT(other.read_until("done;"), EndsWith("done;"));
    }
    stop();
    EXPECT_EQ(answering, 0);
    EXPECT_LE(most, 2); // the two of `other` came one after the other
    ASSERT_EQ(lives.size(), 3u);
    for (const auto& life : lives)
        EXPECT_TRUE(life.expired());
}

TEST_F(ScriptedServer, CutsTheAnswer) {
    auto plan = text_answer("hello");
    plan.fault = fault::cut_after;
    plan.cut_at = 12;
    answer(plan);
    EXPECT_EQ(exchange(simple_get), "HTTP/1.1 200");
    EXPECT_EQ(ending_, asio::error::eof);
}

TEST_F(ScriptedServer, ResetsInTheMiddleOfTheAnswer) {
    auto plan = text_answer("hello");
    plan.fault = fault::reset_after;
    plan.cut_at = 12;
    answer(plan);
    EXPECT_EQ(exchange(simple_get), "HTTP/1.1 200");
    EXPECT_EQ(ending_, asio::error::connection_reset);
}

TEST_F(ScriptedServer, TricklesAndKeepsTheConnection) {
    auto plan = text_answer("slow;");
    plan.fault = fault::trickle;
    plan.interval = std::chrono::milliseconds(1);
    answer(plan);
    plain_client client(port_);
    client.send(simple_get);
    EXPECT_THAT(client.read_until("slow;"), StartsWith("HTTP/1.1 200 OK\r\n"));
    client.send(simple_get);
    EXPECT_THAT(client.read_until("slow;"), EndsWith("\r\n\r\nslow;"));
}

TEST_F(ScriptedServer, SendsRawBytesAsTheyAre) {
    script plan;
    plan.fault = fault::raw;
    plan.raw = "HTTP/1.1 200\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\n\xFF\xFE!";
    serve([plan](const request& r) {
        auto mine = plan;
        mine.close = r.path == "/last";
        return mine;
    });
    plain_client client(port_);
    client.send(simple_get);
    EXPECT_EQ(client.read_until("!"), plan.raw);
    client.send("GET /last HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_EQ(client.read_all(), plan.raw);
    EXPECT_EQ(client.ending(), asio::error::eof);
}

TEST_F(ScriptedServer, DelaysAndThenAnswers) {
    auto plan = text_answer("late");
    plan.delay = std::chrono::milliseconds(5);
    plan.close = true;
    answer(plan);
    EXPECT_THAT(exchange(simple_get), EndsWith("late"));
}

TEST_F(ScriptedServer, HangsUntilStopped) {
    std::promise<void> asked;
    serve([&](const request&) {
        asked.set_value();
        script plan;
        plan.fault = fault::hang_before_answer;
        return plan;
    });
    plain_client client(port_);
    client.send(simple_get);
    asked.get_future().wait();
    stop();
    EXPECT_EQ(client.read_all(), "");
    EXPECT_EQ(client.ending(), asio::error::eof);
}

TEST_F(ScriptedServer, StopsWhileConnectionsIdleHangWaitAndTrickle) {
    std::promise<void> all_asked;
    int asked = 0;
    serve([&](const request& r) {
        if (++asked == 3)
            all_asked.set_value();
        auto plan = text_answer("never whole");
        if (r.path == "/hang")
            plan.fault = fault::hang_before_answer;
        if (r.path == "/delay")
            plan.delay = std::chrono::hours(1);
        if (r.path == "/trickle") {
            plan.fault = fault::trickle;
            plan.interval = std::chrono::hours(1);
        }
        return plan;
    });
    std::array<plain_client, 4> clients{plain_client(port_), plain_client(port_), plain_client(port_),
                                        plain_client(port_)};
    clients[0].send("GET /hang HTTP/1.1\r\nHost: h\r\n\r\n");
    clients[1].send("GET /delay HTTP/1.1\r\nHost: h\r\n\r\n");
    clients[2].send("GET /trickle HTTP/1.1\r\nHost: h\r\n\r\n");
    clients[3].send("GET /half HTTP/1.1\r\nHo");
    all_asked.get_future().wait();
    stop();
    for (auto& client : clients)
        EXPECT_THAT(client.read_all(), ::testing::Not(HasSubstr("never whole")));
}

TEST_F(ScriptedServer, CanBeStoppedByItsHandler) {
    serve([this](const request&) {
        server_->stop();
        return script{};
    });
    EXPECT_EQ(exchange(simple_get), "");
    thread_.join();
}

TEST_F(ScriptedServer, CanBeDestroyedBesideAnIdleLoop) {
    // Neither the accept loop nor a connection has had a turn to see that it is over: the loop's end frees
    // them.
    auto context = std::make_unique<asio::io_context>(1);
    auto server = std::make_unique<scripted_server>(*context, [](const request&) { return script{}; });
    plain_client client(server->port());
    client.send(simple_get);
    context->poll_one();
    context->poll_one();
    server.reset();
    context.reset();
    EXPECT_EQ(client.read_all(), "");
}

TEST(ScriptedServerAddress, ATakenPortIsRefused) {
    asio::io_context context(1);
    const auto nothing = [](const request&) { return script{}; };
    scripted_server server(context, nothing);
    server_options taken;
    taken.port = server.port();
    EXPECT_THROW(scripted_server(context, nothing, taken), boost::system::system_error);
}

} // namespace
} // namespace replmond::testing
