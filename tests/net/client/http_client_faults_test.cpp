#include "tests/net/client/http_client_fixture.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <functional>
#include <ostream>

/// One script, replayed with each of its steps broken in turn, for each way to break it.
namespace replmond::testing {
namespace {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;

constexpr int steps = 3;
const std::string whole_reply = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody";

struct breakage {
    std::string name;
    script plan;
    poll_result result;
    std::string text;
};

std::ostream& operator<<(std::ostream& out, const breakage& b) {
    return out << b.name;
}

breakage breaks(std::string name, script plan, poll_result result, std::string text) {
    breakage b;
    b.name = std::move(name);
    b.plan = std::move(plan);
    b.result = result;
    b.text = std::move(text);
    return b;
}

script at(fault how, std::size_t cut) {
    script plan = broken(how);
    plan.cut_at = cut;
    return plan;
}

script slow(std::chrono::milliseconds interval) {
    script plan = broken(fault::trickle);
    plan.interval = interval;
    return plan;
}

script delayed() {
    script plan = text_answer("late");
    plan.delay = std::chrono::hours(1);
    return plan;
}

const std::string no_answer = "no answer within 30 ms";
const std::string closed = "closed before the whole answer";

const std::vector<breakage> breakages = {
    breaks("Hang", broken(fault::hang_before_answer), poll_result::timeout, no_answer),
    breaks("Delay", delayed(), poll_result::timeout, no_answer),
    breaks("Trickle", slow(std::chrono::milliseconds(5)), poll_result::timeout, no_answer),
    breaks("Stall", slow(std::chrono::hours(1)), poll_result::timeout, no_answer),
    breaks("Close", broken(fault::close_before_answer), poll_result::network, closed),
    breaks("Reset", broken(fault::reset_before_answer), poll_result::network, ""),
    breaks("CutInStatus", at(fault::cut_after, 5), poll_result::network, closed),
    breaks("CutInHeader", at(fault::cut_after, 25), poll_result::network, closed),
    breaks("CutInBody", at(fault::cut_after, 45), poll_result::network, closed),
    breaks("ResetInHeader", at(fault::reset_after, 25), poll_result::network, ""),
    breaks("ResetInBody", at(fault::reset_after, 45), poll_result::network, ""),
    breaks("Garbage", raw_answer("garbage\r\n\r\n"), poll_result::protocol, "not HTTP"),
};

class HttpClientFault : public HttpClient, public ::testing::WithParamInterface<breakage> {};

TEST_P(HttpClientFault, AtEveryStep) {
    const breakage& how = GetParam();
    for (int bad = 0; bad < steps; ++bad) {
        SCOPED_TRACE("step " + std::to_string(bad));
        const std::string bad_target = '/' + std::to_string(bad);
        serve([&](const request& r) { return r.target == bad_target ? how.plan : text_answer(r.target); });
        for (int step = 0; step < steps; ++step) {
            const std::string target = '/' + std::to_string(step);
            // Only what must end by its deadline has a short one.
            const bool waits = step == bad && how.result == poll_result::timeout;
            const auto answered = get(target, waits ? net::steady_duration(soon) : never);
            if (step == bad)
                expect_failure(answered, how.result, how.text);
            else
                expect_body(answered, target);
        }
    }
}

INSTANTIATE_TEST_SUITE_P(, HttpClientFault, ::testing::ValuesIn(breakages),
                         [](const auto& tested) { return tested.param.name; });

// Cut after every single byte: never a success, never a hang, and the next request is served.
TEST_F(HttpClient, AnAnswerCutAfterEveryByte) {
    serve([](const request& r) {
        if (r.target == "/whole")
            return text_answer("whole");
        auto plan = raw_answer(whole_reply.substr(0, std::stoul(r.path.substr(1))));
        plan.close = true;
        return plan;
    });
    for (std::size_t cut = 0; cut < whole_reply.size(); ++cut) {
        SCOPED_TRACE(cut);
        expect_failure(get('/' + std::to_string(cut)), poll_result::network, closed);
        expect_body(get("/whole"), "whole");
    }
}

TEST_F(HttpClient, TheDeadlineNamesWhatWasNotDone) {
    serve([](const request& r) {
        return r.target == "/first" ? text_answer("1") : broken(fault::hang_before_answer);
    });
    const auto port = std::to_string(server_->port());
    expect_body(get("/first"), "1");
    expect_failure(get("/", soon), poll_result::timeout,
                   "reading the answer from 127.0.0.1:" + port +
                       " was not done; the service is slow, or poll.timeout too short");
}

TEST_F(HttpClient, ARefusedConnection) {
    http::origin to;
    to.tls = false;
    to.host = "127.0.0.1";
    {
        tcp::acceptor gone(loop_, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
        to.port = gone.local_endpoint().port();
    }
    connect_to(to);
    expect_failure(get(), poll_result::network,
                   "cannot connect to 127.0.0.1:" + std::to_string(to.port) +
                       ": Connection refused; is the port right");
}

// A listener whose queue is full leaves the next client's SYN unanswered.
TEST_F(HttpClient, AConnectionThatIsNeverMade) {
    tcp::acceptor full(loop_);
    full.open(tcp::v4());
    full.bind(tcp::endpoint(asio::ip::address_v4::loopback(), 0));
    full.listen(0);
    std::vector<tcp::socket> fillers;
    for (int i = 0; i < 4; ++i) {
        fillers.emplace_back(loop_);
        fillers.back().async_connect(full.local_endpoint(), [](boost::system::error_code) {});
    }
    loop_.poll();

    http::origin to;
    to.tls = false;
    to.host = "127.0.0.1";
    to.port = full.local_endpoint().port();
    connect_to(to);
    expect_failure(
        get("/", soon), poll_result::timeout,
        "connecting to 127.0.0.1:" + std::to_string(to.port) +
            " was not done; a firewall may drop the packets, or a proxy may be needed (proxy_url)");

    const auto request = make_request();
    const auto running = start(loop_, client_->exchange(request, never));
    loop_.poll();
    cancel(loop_, running);
    EXPECT_THROW(finish(loop_, running), boost::system::system_error);
    for (auto& filler : fillers)
        filler.close();
}

TEST_F(HttpClient, NoTimeAtAll) {
    answer(text_answer("ok"));
    expect_failure(get("/", std::chrono::milliseconds(0)), poll_result::timeout);
}

} // namespace
} // namespace replmond::testing
