#pragma once

#include "tests/support/exchange.hpp"

#include <boost/asio/io_context.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace replmond::testing {

/// Says what to do with a request. Called on the thread that runs the server's io_context, one call at a
/// time. An exception becomes a 500 whose body is its text.
using request_handler = std::function<script(const request&)>;

/// Where to listen. TLS, once needed, becomes a member of this.
struct server_options {
    std::string address = "127.0.0.1"; // or "::1"
    std::uint16_t port = 0;            // 0: any free one
};

/// A small HTTP/1.1 server that does exactly what its handler says, mistakes included. It keeps no record of
/// its own.
///
/// Everything runs on the given io_context, which must outlive the server and be run by one thread; the
/// members must be called on that thread or while nobody runs it. Destroying the server stops it. After
/// stop() no handler is called any more, and run() returns once the connections' coroutines have seen their
/// sockets closed.
class scripted_server {
public:
    /// Listens at once; throws boost::system::system_error where that fails.
    scripted_server(boost::asio::io_context& context, request_handler handler,
                    const server_options& options = {});
    ~scripted_server();

    scripted_server(const scripted_server&) = delete;
    scripted_server& operator=(const scripted_server&) = delete;

    std::uint16_t port() const;

    /// Connections accepted so far.
    std::size_t connections() const;

    /// Closes the listener and every connection, those that hang or wait among them. Can be called from the
    /// handler.
    void stop();

private:
    struct state;
    std::shared_ptr<state>
        state_; // shared with the coroutines, which may outlive the server by a turn of the loop
};

} // namespace replmond::testing
