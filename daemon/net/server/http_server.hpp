#pragma once

#include "daemon/core/http/connection_limiter.hpp"
#include "daemon/core/http/message.hpp"
#include "daemon/net/server/handler.hpp"
#include "daemon/net/server/handshake_queue.hpp"
#include "daemon/net/task_group.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <list>
#include <map>
#include <string_view>
#include <vector>

namespace replmond::server {

/// A listening socket. Throws boost::system::system_error where the address is in use or not ours,
/// std::invalid_argument where it is none. `address`: `:port` (all interfaces, IPv6 and IPv4), `host:port`,
/// `[v6]:port`; port 0: any free one. `backlog`: connections that may wait to be accepted: more than a server
/// takes would only wait to be closed.
boost::asio::ip::tcp::acceptor listen_on(const boost::asio::any_io_executor& executor,
                                         std::string_view address, std::size_t backlog);

class http_session;
struct session_callbacks;

/// Serves HTTP/1.1 at any number of addresses. Errors of one connection end that connection only, whatever is
/// thrown; a full server closes whom connection_limiter names. Must outlive the group's coroutines.
class http_server {
public:
    http_server(boost::asio::any_io_executor executor, http::http_handler handler,
                http::server_limits limits = {});
    http_server(const http_server&) = delete;
    http_server& operator=(const http_server&) = delete;
    ~http_server();

    /// What every connection passes; none without it. It must outlive the server.
    void set_access_filter(access_filter& filter) { access_filter_ = &filter; }

    /// Called with the status of every answer that the handler was not asked for.
    void on_refusal(std::function<void(int status)> call) { refused_ = std::move(call); }

    /// Called with what was thrown: by the handler, whose client got 500, or in a connection, which is
    /// closed.
    void on_failure(std::function<void(const http::http_failure&)> call) { failed_ = std::move(call); }

    /// Asked about every request that has a body: 413 where that says nothing better.
    void object_with(http::body_objection objects) { objects_ = std::move(objects); }

    /// Listens there, too; throws what listen_on() does. Returns the address with its real port.
    boost::asio::ip::tcp::endpoint listen(std::string_view address);

    const std::vector<boost::asio::ip::tcp::endpoint>& addresses() const { return addresses_; }

    /// Accepts in coroutines of `group`, and so do those that listen later.
    void start(net::task_group& group);

    /// Nobody new is accepted, and no request is answered that is not being answered already; connections
    /// stay until the group stops.
    void stop_listening();

    /// How many of addresses() accept, those that wait out an error of accept among them.
    std::size_t accepting() const { return accepting_; }

    /// Closes every connection that is sending this text.
    void cut_off(const http::buffer_chain* text);

    std::size_t connections() const { return limiter_.size(); }

private:
    class registration;

    boost::asio::awaitable<void> accept_at(boost::asio::ip::tcp::acceptor& listener);
    void accept_connection(boost::asio::ip::tcp::socket socket);
    session_callbacks ports_for(http::connection_limiter::id who);
    void report(const http::http_failure& failure) noexcept;
    boost::asio::awaitable<void> serve_connection(boost::asio::ip::tcp::socket socket,
                                                  http::connection_limiter::id who);
    void close(const std::vector<http::connection_limiter::id>& who);
    void make_room();

    boost::asio::any_io_executor executor_;
    http::http_handler handler_;
    http::server_limits limits_;
    access_filter* access_filter_ = nullptr;
    std::function<void(int status)> refused_;
    std::function<void(const http::http_failure&)> failed_;
    http::body_objection objects_;
    net::task_group* group_ = nullptr;
    std::list<boost::asio::ip::tcp::acceptor> listeners_;
    std::vector<boost::asio::ip::tcp::endpoint> addresses_;
    std::size_t accepting_ = 0;
    bool is_stopping_ = false;
    http::connection_limiter limiter_;
    handshake_queue handshakes_;
    std::map<http::connection_limiter::id, http_session*> sessions_;
    std::chrono::steady_clock::time_point scarce_until_;
};

} // namespace replmond::server
