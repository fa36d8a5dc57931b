#pragma once

#include "daemon/core/http/buffer_chain.hpp"

#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace replmond::server {
class pending_reply;
}

/// HTTP messages as plain values, for the client and the server. No type of Asio or Beast is used here.
namespace replmond::http {

using header_list = std::vector<std::pair<std::string, std::string>>;

/// The first header of that name, compared case-insensitively (RFC 9110 5.1); empty if there is none.
std::string_view find_header(const header_list& headers, std::string_view name);

/// The values of all headers of that name, joined with commas (RFC 9110 5.2).
std::string joined_header(const header_list& headers, std::string_view name);

/// A request, to the cloud or to the server of the daemon.
struct http_request {
    std::string method = "GET";
    std::string target = "/"; ///< path and query, percent-encoded as they are sent
    /// The HTTP client adds Host, Accept, Accept-Encoding, Content-Length and Connection itself.
    header_list headers;
    std::string body;
    std::shared_ptr<const std::string> known_body; ///< the body that the answer may have: see http_response
    /// Of a request to the server: peer_group() of the client's address; empty if that is not known.
    std::string peer;
};

/// An answer that the HTTP client received.
struct http_response {
    int status = 0;
    header_list headers;
    std::string body;
    bool has_known_body = false; ///< a 200 whose body equals request.known_body; then `body` is empty
};

/// The answer of a handler. The server adds Content-Length, Date and Connection, and leaves out the body of
/// an answer to HEAD (RFC 9110 9.3.2).
struct http_reply {
    int status = 200;
    header_list headers;
    std::string body;
    std::shared_ptr<const buffer_chain> shared; ///< replaces `body`: a text that several connections may send
    bool has_length = true; ///< false: an answer to HEAD whose body was not made, sent without Content-Length
    /// Not null: the answer is not known yet; the connection waits for it.
    std::shared_ptr<server::pending_reply> later{};

    std::size_t size() const { return shared ? shared->size : body.size(); }
    std::string text() const { return shared ? shared->joined() : body; }
};

/// An answer of type text/plain: `text` and a newline.
http_reply plain_reply(int status, std::string_view text);

/// An error of the server itself: the request was answered with 500 (RFC 9110 15.6.1), or not at all.
struct http_failure {
    const http_request* request = nullptr; ///< null: no complete request was received
    std::string error_msg;                 ///< at most 256 bytes; never sent to clients
};

/// Makes an http_failure with the message of an exception, whatever its type.
http_failure failure_of(const std::exception_ptr& thrown, const http_request* request);

/// Called for a request with a body, which the server does not read: the answer if something else is wrong
/// with the request (such as its path or method); nothing if only the body is.
using body_objection = std::function<std::optional<http_reply>(const http_request&)>;

/// Answers a request. It runs on the loop, so it must not block: it answers at once, or sets `later`. An
/// exception becomes a 500.
using http_handler = std::function<http_reply(const http_request&)>;

} // namespace replmond::http
