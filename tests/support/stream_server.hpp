#pragma once

#include "tests/support/stream_session.hpp"

#include <boost/asio/io_context.hpp>

#include <cstdint>
#include <memory>
#include <string>

namespace replmond::testing {

/// A TCP server that says what a session of its own for each connection says. For protocols other than HTTP.
///
/// As with scripted_server, everything runs on the given io_context, which must outlive the server and be run
/// by one thread; destroying the server stops it.
class stream_server {
public:
    /// Listens at once; throws boost::system::system_error where that fails.
    stream_server(boost::asio::io_context& context, session_factory factory, const std::string& address,
                  std::uint16_t port);
    ~stream_server();

    stream_server(const stream_server&) = delete;
    stream_server& operator=(const stream_server&) = delete;

    std::uint16_t port() const;

    /// Closes the listener and every connection.
    void stop();

private:
    struct state;
    std::shared_ptr<state>
        state_; // shared with the coroutines, which may outlive the server by a turn of the loop
};

} // namespace replmond::testing
