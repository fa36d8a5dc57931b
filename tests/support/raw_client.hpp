#pragma once

#include "tests/support/event_loop.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>

#include <array>
#include <memory>
#include <string>
#include <string_view>

namespace replmond::testing {

/// A client that knows no HTTP: bytes out, bytes in, and how the connection ended. It lives on the loop of
/// the server that it talks to, and runs that loop while it waits.
class raw_client {
public:
    /// `from`: one of this machine's addresses; empty: any.
    raw_client(boost::asio::io_context& loop, const boost::asio::ip::tcp::endpoint& to,
               const std::string& from = "")
        : loop_(loop), socket_(std::make_shared<boost::asio::ip::tcp::socket>(loop)) {
        if (!from.empty()) {
            socket_->open(to.protocol());
            socket_->bind({boost::asio::ip::make_address(from), 0});
        }
        socket_->connect(to); // the kernel accepts for the listener
        socket_->non_blocking(true);
    }
    raw_client(raw_client&&) = default;
    ~raw_client() {
        boost::system::error_code ignored;
        if (socket_)
            socket_->close(ignored);
    }

    /// What fits into the kernel's buffers only: for more, send_all().
    void send(std::string_view bytes) {
        boost::system::error_code ignored; // the peer may have left
        boost::asio::write(*socket_, boost::asio::buffer(bytes.data(), bytes.size()), ignored);
    }

    /// Sends in the background, however much it is.
    void send_all(std::string bytes) {
        auto owned = std::make_shared<std::string>(std::move(bytes));
        boost::asio::async_write(*socket_, boost::asio::buffer(*owned),
                                 [owned, socket = socket_](boost::system::error_code, std::size_t) {});
    }

    void end_sending() {
        boost::system::error_code ignored;
        socket_->shutdown(boost::asio::ip::tcp::socket::shutdown_send, ignored);
    }

    /// Everything until the connection ends.
    std::string read_all() {
        while (!ending_)
            read_more();
        return std::exchange(input_, {});
    }

    /// Up to and with `end`, or until the connection ends.
    std::string read_to(std::string_view end) {
        while (input_.find(end) == std::string::npos && !ending_)
            read_more();
        const std::size_t at = input_.find(end);
        const std::size_t length = at == std::string::npos ? input_.size() : at + end.size();
        std::string text = input_.substr(0, length);
        input_.erase(0, length);
        return text;
    }

    /// As little as the kernel allows is taken in before it is read.
    void take_little() { socket_->set_option(boost::asio::socket_base::receive_buffer_size(1)); }

    /// So many bytes, or fewer where the connection ends before.
    std::string read_bytes(std::size_t count) {
        while (input_.size() < count && !ending_)
            read_more();
        std::string text = input_.substr(0, count);
        input_.erase(0, count);
        return text;
    }

    bool ended() const { return static_cast<bool>(ending_); }
    boost::system::error_code ending() const { return ending_; }

private:
    void read_more() {
        std::array<char, 16384> some{};
        bool done = false;
        socket_->async_read_some(boost::asio::buffer(some),
                                 [&](boost::system::error_code ec, std::size_t count) {
                                     ending_ = ec;
                                     input_.append(some.data(), count);
                                     done = true;
                                 });
        run_until(loop_, [&] { return done; });
    }

    boost::asio::io_context& loop_;
    std::shared_ptr<boost::asio::ip::tcp::socket> socket_; ///< shared with what send_all() began
    std::string input_;
    boost::system::error_code ending_;
};

} // namespace replmond::testing
