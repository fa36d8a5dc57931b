#pragma once

#include "daemon/net/server/http_server.hpp"
#include "tests/support/raw_client.hpp"

#include <boost/asio/post.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <new>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace replmond::testing {

/// net::http_server on a port of its own. The handler answers with method and target; /throw throws, /large
/// is large; /throw-other throws what is no exception.
class HttpServer : public ::testing::Test {
protected:
    static constexpr auto soon = std::chrono::milliseconds(30);
    static constexpr std::size_t large_answer = 32 * 1024 * 1024;

    /// Listens on `address` too.
    boost::asio::ip::tcp::endpoint serve(const std::string& address = "127.0.0.1:0") {
        if (!server_) {
            server_.emplace(loop_.get_executor(), handler_, limits_);
            server_->on_refusal([this](int status) { refused_.push_back(status); });
            server_->on_failure([this](const http::http_failure& failure) {
                const std::string target = failure.request == nullptr ? "-" : failure.request->target;
                failures_.push_back(target + ": " + failure.error_msg);
            });
            if (access_filter_ != nullptr)
                server_->set_access_filter(*access_filter_);
            server_->start(group_);
        }
        return server_->listen(address);
    }

    raw_client client() {
        if (!server_)
            serve();
        return raw_client(loop_, server_->addresses().front());
    }

    /// Turns the loop until nothing is ready.
    void settle() {
        loop_.restart();
        while (loop_.poll() > 0)
            loop_.restart();
    }

    /// As SIGSTOP does, or a handler that does not end. Afterwards all that came due meanwhile is due at
    /// once.
    void hold_loop_for(std::chrono::steady_clock::duration time) {
        const auto until = std::chrono::steady_clock::now() + time;
        while (std::chrono::steady_clock::now() < until)
            std::this_thread::yield();
    }

    /// What comes back for `bytes` until the server closes.
    std::string exchange(std::string_view bytes) {
        auto peer = client();
        peer.send(bytes);
        return peer.read_all();
    }

    void stop() {
        boost::asio::post(loop_, [this] {
            if (server_)
                server_->stop_listening();
            group_.stop();
        });
        run(loop_, group_.join());
    }

    void TearDown() override {
        stop();
        run_dry(loop_);
        EXPECT_EQ(group_.size(), 0U);
    }

    http::http_reply respond(const http::http_request& request) {
        seen_.push_back(request);
        if (request.target == "/throw")
            throw std::runtime_error("secret detail");
        if (request.target == "/throw-other")
            throw 7;
        if (request.target == "/no-memory")
            throw std::bad_alloc();
        http::http_reply answer;
        answer.headers.emplace_back("Content-Type", "text/plain");
        answer.body = request.method + ' ' + request.target + '\n';
        if (request.target == "/large")
            answer.body.assign(large_answer, 'x');
        if (request.target == "/shared")
            answer.shared = shared_;
        if (request.target == "/empty")
            answer.body.clear();
        return answer;
    }

    boost::asio::io_context loop_{1};
    http::server_limits limits_;
    http::http_handler handler_ = [this](const http::http_request& request) { return respond(request); };
    server::access_filter* access_filter_ = nullptr;
    std::optional<server::http_server> server_;
    net::task_group group_{loop_.get_executor()};
    std::shared_ptr<const http::buffer_chain> shared_ = [] {
        http::buffer_chain text;
        text.add(std::string(large_answer / 2, 's'));
        text.add(std::string());
        text.add(std::string(large_answer - large_answer / 2, 't'));
        return std::make_shared<const http::buffer_chain>(std::move(text));
    }();
    std::vector<http::http_request> seen_;
    std::vector<int> refused_;
    std::vector<std::string> failures_; ///< target, or -, and what was thrown
};

} // namespace replmond::testing
