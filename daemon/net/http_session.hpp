#pragma once

#include "daemon/net/alarm.hpp"
#include "daemon/net/answer_head.hpp"
#include "daemon/net/http.hpp"
#include "daemon/net/http_door.hpp"
#include "daemon/net/pending_answer.hpp"
#include "daemon/net/request_screen.hpp"
#include "daemon/net/server_limits.hpp"
#include "daemon/net/server_stream.hpp"
#include "daemon/net/unsent_text.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace replmond::net {

/// What a session tells its server, and asks it.
struct session_ports {
    std::function<void(std::size_t bytes)> moved; ///< were read, or written
    std::function<void()> answers;                ///< a request is whole
    std::function<void(const http_answer&)> sends;
    std::function<void()> waits;                     ///< its answer is sent
    std::function<void(int status)> refused;         ///< what never came to the handler
    std::function<void(const http_failure&)> failed; ///< what the handler threw
    std::function<bool()> stopping;                  ///< no request is answered any more
    body_objection objects;                          ///< may be empty
};

/// One connection, from its handshake to its end. Requests are answered one after the other; while one is,
/// nothing is read.
class http_session {
public:
    /// `door`: null for none. What is referred to must outlive it.
    http_session(std::unique_ptr<server_stream> stream, const http_handler& handler, http_door* door,
                 const server_limits& limits, session_ports ports);

    boost::asio::awaitable<void> run();

    /// Ends run() soon.
    void close();

    /// Whether it is sending that text.
    bool is_sending(const pieced_text* text) const { return text != nullptr && text == sent_; }

private:
    enum class heard { request, refusal, nothing };

    boost::asio::awaitable<bool> serve_one(); ///< false: it was the last
    boost::asio::awaitable<heard> hear();
    boost::asio::awaitable<http_answer> answer_to(const http_request& request);
    http_answer answer_or_500(const http_handler& from, const http_request& request);
    boost::asio::awaitable<void> refuse(refusal why);
    boost::asio::awaitable<void> refuse_body(const http_request& request, refusal why);
    boost::asio::awaitable<bool> send(http_answer answer, connection_use use, bool head_only);
    boost::asio::awaitable<bool> write(unsent_text& text);
    boost::asio::awaitable<void> leave();

    std::unique_ptr<server_stream> stream_;
    const http_handler& handler_;
    http_door* door_;
    const server_limits& limits_;
    session_ports ports_;
    alarm& alarm_;      ///< of stream_
    std::string peer_;  ///< peer_group() of its address
    std::string input_; ///< of the next requests
    std::size_t head_bytes_ = 0;
    refusal why_;
    std::shared_ptr<pending_answer> pending_; ///< that it waits for
    const pieced_text* sent_ = nullptr;       ///< now
    bool is_first_ = true;
    bool is_gone_ = false; ///< the client: there is nobody to take leave of
};

} // namespace replmond::net
