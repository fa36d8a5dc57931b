#pragma once

#include "daemon/net/connection_book.hpp"
#include "daemon/net/http.hpp"
#include "daemon/net/http_door.hpp"
#include "daemon/net/peer_turns.hpp"
#include "daemon/net/server_limits.hpp"
#include "daemon/net/task_group.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <functional>
#include <list>
#include <map>
#include <string_view>
#include <vector>

namespace replmond::net {

class http_session;
struct session_ports;

/// Serves HTTP/1.1 at any number of addresses. Errors of one connection end that connection only, whatever is
/// thrown; a full server closes whom connection_book names. Must outlive the group's coroutines.
class http_server {
public:
    http_server(boost::asio::any_io_executor executor, http_handler handler, server_limits limits = {});
    http_server(const http_server&) = delete;
    http_server& operator=(const http_server&) = delete;
    ~http_server();

    /// What every connection passes; none without it. It must outlive the server.
    void guard_with(http_door& door) { door_ = &door; }

    /// Called with the status of every answer that the handler was not asked for.
    void on_refusal(std::function<void(int status)> call) { refused_ = std::move(call); }

    /// Called with what was thrown: by the handler, whose client got 500, or in a connection, which is
    /// closed.
    void on_failure(std::function<void(const http_failure&)> call) { failed_ = std::move(call); }

    /// Asked about every request that has a body: 413 where that says nothing better.
    void object_with(body_objection objects) { objects_ = std::move(objects); }

    /// Listens there, too; throws what listen_on() does. Returns the address with its real port.
    boost::asio::ip::tcp::endpoint listen(std::string_view address);

    const std::vector<boost::asio::ip::tcp::endpoint>& addresses() const { return addresses_; }

    /// Accepts in coroutines of `group`, and so do those that listen later.
    void start(task_group& group);

    /// Nobody new is accepted, and no request is answered that is not being answered already; connections
    /// stay until the group stops.
    void stop_listening();

    /// How many of addresses() accept, those that wait out an error of accept among them.
    std::size_t accepting() const { return accepting_; }

    /// Closes every connection that is sending this text.
    void cut_off(const pieced_text* text);

    std::size_t connections() const { return book_.size(); }

private:
    class seat;

    boost::asio::awaitable<void> accept_at(boost::asio::ip::tcp::acceptor& listener);
    void welcome(boost::asio::ip::tcp::socket socket);
    session_ports ports_for(connection_book::id who);
    void report(const http_failure& failure) noexcept;
    boost::asio::awaitable<void> attend(boost::asio::ip::tcp::socket socket, connection_book::id who);
    void close(const std::vector<connection_book::id>& who);
    void make_room();

    boost::asio::any_io_executor executor_;
    http_handler handler_;
    server_limits limits_;
    http_door* door_ = nullptr;
    std::function<void(int status)> refused_;
    std::function<void(const http_failure&)> failed_;
    body_objection objects_;
    task_group* group_ = nullptr;
    std::list<boost::asio::ip::tcp::acceptor> listeners_;
    std::vector<boost::asio::ip::tcp::endpoint> addresses_;
    std::size_t accepting_ = 0;
    bool is_stopping_ = false;
    connection_book book_;
    peer_turns handshakes_;
    std::map<connection_book::id, http_session*> sessions_;
    std::chrono::steady_clock::time_point scarce_until_;
};

} // namespace replmond::net
