#pragma once

#include "daemon/net/http_server.hpp"
#include "tests/integration/raw_client.hpp"

#include <boost/asio/post.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <list>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace replmond::testing {

/// net::serve on a port of its own. The handler answers with method and target; /throw throws, /large is
/// large.
class HttpServer : public ::testing::Test {
protected:
    static constexpr auto soon = std::chrono::milliseconds(30);

    /// Listens on `address` too.
    boost::asio::ip::tcp::endpoint serve(const std::string& address = "127.0.0.1:0") {
        listeners_.push_back(net::listen_on(loop_.get_executor(), address));
        group_.spawn(net::serve(listeners_.back(), group_, handler_, limits_));
        return listeners_.back().local_endpoint();
    }

    raw_client client() {
        if (listeners_.empty())
            serve();
        return raw_client(loop_, listeners_.front().local_endpoint());
    }

    /// What comes back for `bytes` until the server closes.
    std::string exchange(std::string_view bytes) {
        auto peer = client();
        peer.send(bytes);
        return peer.read_all();
    }

    void stop() {
        boost::asio::post(loop_, [this] {
            for (auto& listener : listeners_)
                listener.close();
            group_.stop();
        });
        run(loop_, group_.join());
    }

    void TearDown() override {
        stop();
        run_dry(loop_);
        EXPECT_EQ(group_.size(), 0U);
    }

    net::http_answer respond(const net::http_request& request) {
        seen_.push_back(request);
        if (request.target == "/throw")
            throw std::runtime_error("secret detail");
        net::http_answer answer;
        answer.headers.emplace_back("Content-Type", "text/plain");
        answer.body = request.method + ' ' + request.target + '\n';
        if (request.target == "/large")
            answer.body.assign(32 * 1024 * 1024, 'x');
        if (request.target == "/empty")
            answer.body.clear();
        return answer;
    }

    boost::asio::io_context loop_{1};
    net::server_limits limits_;
    net::http_handler handler_ = [this](const net::http_request& request) { return respond(request); };
    std::list<boost::asio::ip::tcp::acceptor> listeners_;
    net::task_group group_{loop_.get_executor()};
    std::vector<net::http_request> seen_;
};

} // namespace replmond::testing
