#pragma once

#include "daemon/core/http/buffer_chain.hpp"
#include "daemon/core/http/connection_limiter.hpp"
#include "daemon/core/http/message.hpp"
#include "daemon/core/http/request_validator.hpp"
#include "daemon/net/server/handler.hpp"
#include "daemon/net/server/reply_head.hpp"
#include "daemon/net/server/server_stream.hpp"
#include "daemon/net/socket_deadline.hpp"

#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace replmond::server {

/// The parsed head of a request.
struct request_head {
    http::http_request request; ///< without a body
    bool is_http_1_1 = true;
    bool keep_alive = true;
};

/// Parses `text`: a head that head_validator accepted, with its empty line. Returns nothing if Beast does not
/// accept it.
std::optional<request_head> parse_request_head(std::string_view text);

/// How a session reports to its server, and asks it.
struct session_callbacks {
    std::function<void(std::size_t bytes)> moved; ///< bytes read or written
    std::function<void()> answers;                ///< a request is complete
    /// An answer that was not copied behind its head is about to be sent.
    std::function<void(const http::http_reply&)> sends;
    std::function<void()> waits; ///< the answer is sent
    /// The status of an answer that the handler did not make.
    std::function<void(int status)> refused;
    std::function<void(const http::http_failure&)> failed; ///< the handler threw
    std::function<bool()> stopping;                        ///< no further request may be answered
    /// What is wrong with a request apart from its body; may be empty.
    http::body_objection objects;
};

/// One connection, from its handshake to its end. Requests are answered one after the other; nothing is read
/// while one is being answered.
class http_session {
public:
    /// `filter`: may be null. All references and the filter must outlive the session.
    http_session(std::unique_ptr<server_stream> stream, const http::http_handler& handler,
                 access_filter* filter, const http::server_limits& limits, session_callbacks callbacks);

    /// Serves the connection until it ends. Throws operation_aborted when cancelled.
    boost::asio::awaitable<void> run();

    /// Closes the socket, so that run() ends soon.
    void close();

    /// Whether the session is sending `text` now. False for null.
    bool is_sending(const http::buffer_chain* text) const { return text != nullptr && text == sent_; }

private:
    enum class read_result { request, refusal, nothing };

    boost::asio::awaitable<bool> serve_one(); ///< false: the connection ends
    boost::asio::awaitable<read_result> read_request();
    boost::asio::awaitable<http::http_reply> answer_to(const http::http_request& request);
    http::http_reply reply_or_500(const http::http_handler& from, const http::http_request& request);
    boost::asio::awaitable<void> refuse(http::refusal why);
    boost::asio::awaitable<void> refuse_body(const http::http_request& request, http::refusal why);
    boost::asio::awaitable<bool> send(http::http_reply answer, connection_use use, bool head_only);
    boost::asio::awaitable<bool> write(http::write_cursor& text);
    boost::asio::awaitable<void> lingering_close();

    std::unique_ptr<server_stream> stream_;
    const http::http_handler& handler_;
    access_filter* access_filter_;
    const http::server_limits& limits_;
    session_callbacks callbacks_;
    net::socket_deadline& deadline_; ///< owned by stream_
    std::string peer_;               ///< peer_group() of the client's address
    std::string input_;              ///< bytes of the next requests
    std::size_t head_bytes_ = 0;
    http::refusal why_;
    std::shared_ptr<pending_reply> pending_;   ///< the answer that run() waits for
    const http::buffer_chain* sent_ = nullptr; ///< the shared text being sent now
    bool is_first_ = true;
    bool peer_closed_ = false; ///< the client has closed, or writing failed: no lingering close
};

} // namespace replmond::server
