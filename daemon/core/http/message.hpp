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

/// HTTP messages as plain values: what the client sends, what the server answers. No library shows through.
namespace replmond::http {

using header_list = std::vector<std::pair<std::string, std::string>>;

/// The first header of that name, without regard to case; empty where there is none.
std::string_view find_header(const header_list& headers, std::string_view name);

/// The values of all headers of that name, joined with commas as RFC 9110, section 5.2 has it.
std::string joined_header(const header_list& headers, std::string_view name);

struct http_request {
    std::string method = "GET";
    std::string target = "/"; ///< path and query, encoded as they go over the wire
    header_list headers; ///< Host, Accept, Accept-Encoding, Content-Length and Connection are the sender's
    std::string body;
    std::shared_ptr<const std::string> known_body; ///< what the answer's body may be: see http_response
    std::string
        peer; ///< of a request to us: peer_group() of the client's address; empty where it is not known
};

struct http_response {
    int status = 0;
    header_list headers;
    std::string body;
    bool has_known_body = false; ///< of a 200: the body is request.known_body and not copied, `body` is empty
};

/// What a request is answered with. Content-Length, Date and Connection are the server's business; the body
/// of an answer to HEAD is left out by it.
struct http_reply {
    int status = 200;
    header_list headers;
    std::string body;
    std::shared_ptr<const buffer_chain> shared; ///< in place of `body`: a text that several connections send
    bool has_length = true; ///< false: an answer to HEAD whose body was not made, sent without Content-Length
    std::shared_ptr<server::pending_reply>
        later{}; ///< not null: the answer is not known yet, and is waited for

    std::size_t size() const { return shared ? shared->size : body.size(); }
    std::string text() const { return shared ? shared->joined() : body; }
};

/// `text` with a newline behind it, as text/plain.
http_reply plain_reply(int status, std::string_view text);

/// What went wrong on our side, so that a request got no answer but 500, or none.
struct http_failure {
    const http_request* request = nullptr; ///< null: none was whole
    std::string error_msg;                 ///< 256 bytes at most; not for clients
};

/// What `thrown` says, whatever its type.
http_failure failure_of(const std::exception_ptr& thrown, const http_request* request);

/// What is wrong with a request apart from its body, which is not read; nothing where that is all.
using body_objection = std::function<std::optional<http_reply>(const http_request&)>;

/// Answers at once, or says that the answer comes later: it runs on the loop. An exception becomes a 500.
using http_handler = std::function<http_reply(const http_request&)>;

} // namespace replmond::http
