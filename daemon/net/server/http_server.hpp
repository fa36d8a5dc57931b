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

/// Opens a listening socket. Throws boost::system::system_error if the address is in use or does not belong
/// to this host, std::invalid_argument if it is not an address. `address`: `:port` (all interfaces, IPv6 and
/// IPv4), `host:port` or `[v6]:port`; port 0: any free port. `backlog`: how many connections may wait to be
/// accepted. More than the server's limit are useless: they would wait only to be closed.
boost::asio::ip::tcp::acceptor listen_on(const boost::asio::any_io_executor& executor,
                                         std::string_view address, std::size_t backlog);

class http_session;
struct session_callbacks;

/// Serves HTTP/1.1 at any number of addresses. An error or exception of one connection ends that connection
/// only. A full server closes the connections that connection_limiter selects. Must outlive the coroutines of
/// the group that it was started with.
class http_server {
public:
    http_server(boost::asio::any_io_executor executor, http::http_handler handler,
                http::server_limits limits = {});
    http_server(const http_server&) = delete;
    http_server& operator=(const http_server&) = delete;
    ~http_server();

    /// Sets the filter that every connection and request passes. It must outlive the server. Default: none.
    void set_access_filter(access_filter& filter) { access_filter_ = &filter; }

    /// Sets a function that is called with the status of every answer that the handler did not make.
    void on_refusal(std::function<void(int status)> call) { refused_ = std::move(call); }

    /// Sets a function that is called with every exception: of the handler, whose client gets 500, or of a
    /// connection, which is closed.
    void on_failure(std::function<void(const http::http_failure&)> call) { failed_ = std::move(call); }

    /// Sets a function that is asked about every request with a body. If it returns no answer, the request is
    /// answered with 413.
    void set_body_objection(http::body_objection objects) { objects_ = std::move(objects); }

    /// Listens on one more address. Throws what listen_on() throws. Returns the address with its real port.
    boost::asio::ip::tcp::endpoint listen(std::string_view address);

    const std::vector<boost::asio::ip::tcp::endpoint>& addresses() const { return addresses_; }

    /// Accepts connections, in coroutines of `group`; listeners that are added later start at once.
    void start(net::task_group& group);

    /// Accepts no new connection and answers no new request. Requests that are being answered are finished.
    /// Connections stay open until the group stops.
    void stop_listening();

    /// How many of addresses() accept connections, including those that pause after an error of accept().
    std::size_t accepting() const { return accepting_; }

    /// Closes every connection that is sending `text`.
    void cut_off(const http::buffer_chain* text);

    /// Open connections.
    std::size_t connections() const { return limiter_.size(); }

private:
    class registration;

    boost::asio::awaitable<void> accept_at(boost::asio::ip::tcp::acceptor& listener);
    void accept_connection(boost::asio::ip::tcp::socket socket);
    session_callbacks callbacks_for(http::connection_limiter::id who);
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
