#pragma once

#include "daemon/net/http.hpp"
#include "daemon/net/task_group.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <cstddef>
#include <string_view>

namespace replmond::net {

struct server_limits {
    std::size_t connections = 256; ///< more are closed at once
    std::size_t header_bytes = 16 * 1024;
    std::chrono::steady_clock::duration request_time =
        std::chrono::seconds(10); ///< for a request to arrive whole
    std::chrono::steady_clock::duration idle_time = std::chrono::minutes(2);    ///< between two requests
    std::chrono::steady_clock::duration answer_time = std::chrono::seconds(30); ///< for an answer to be taken
};

/// A listening socket. Throws boost::system::system_error where the address is in use or not ours.
/// `address`: `:port` (all interfaces, IPv6 and IPv4), `host:port`, `[v6]:port`; port 0: any free one.
boost::asio::ip::tcp::acceptor listen_on(const boost::asio::any_io_executor& executor,
                                         std::string_view address);

/// Accepts and serves connections until it is cancelled; sessions run in `group`. Errors of one connection
/// end that connection only; errors of accept (too many open files) are waited out.
boost::asio::awaitable<void> serve(boost::asio::ip::tcp::acceptor& acceptor, task_group& group,
                                   const http_handler& handler, server_limits limits = {});

} // namespace replmond::net
