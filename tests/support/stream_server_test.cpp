#include "tests/support/raw_client.hpp"
#include "tests/support/stream_server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace replmond::testing {
namespace {

namespace asio = boost::asio;

// Greets with its address, repeats what it hears, and ends at a full stop. `alive` counts those that live.
class echo_session : public stream_session {
public:
    echo_session(std::string local, int& alive) : local_(std::move(local)), alive_(alive) { ++alive_; }
    ~echo_session() override { --alive_; }

    stream_reply begin() override { return {"this is " + local_ + "\n", false}; }
    stream_reply receive(std::string_view bytes) override {
        return {std::string(bytes), bytes.find('.') != std::string_view::npos};
    }

private:
    std::string local_;
    int& alive_;
};

class StreamServer : public ::testing::Test {
protected:
    raw_client connect(const std::string& address) {
        return raw_client(loop_, {asio::ip::make_address(address), server_.port()});
    }

    asio::io_context loop_{1};
    int alive_ = 0;
    stream_server server_{loop_,
                          [this](const std::string& local, const std::string&) {
                              return local == "127.0.1.1" ? std::make_unique<echo_session>(local, alive_)
                                                          : nullptr;
                          },
                          "0.0.0.0", 0};
};

TEST_F(StreamServer, SaysWhatItsSessionSays) {
    auto client = connect("127.0.1.1");
    EXPECT_EQ(client.read_to("\n"), "this is 127.0.1.1\n");
    client.send("hello\n");
    EXPECT_EQ(client.read_to("\n"), "hello\n");
    client.send("the end.");
    EXPECT_EQ(client.read_all(), "the end.");
    EXPECT_EQ(client.ending(), asio::error::eof);
    run_until(loop_, [&] { return alive_ == 0; });
}

TEST_F(StreamServer, ClosesAtOnceWhatHasNoSession) {
    auto client = connect("127.0.9.9");
    EXPECT_EQ(client.read_all(), "");
    EXPECT_TRUE(client.ended());
}

TEST_F(StreamServer, ForgetsClientsThatLeave) {
    {
        auto client = connect("127.0.1.1");
        client.read_to("\n");
        EXPECT_EQ(alive_, 1);
    }
    run_until(loop_, [&] { return alive_ == 0; });
}

TEST_F(StreamServer, StopsWithItsConnections) {
    auto client = connect("127.0.1.1");
    client.read_to("\n");
    server_.stop();
    EXPECT_EQ(client.read_all(), "");
    run_dry(loop_);
    EXPECT_EQ(alive_, 0);
}

} // namespace
} // namespace replmond::testing
