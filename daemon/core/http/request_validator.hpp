#pragma once

#include "daemon/core/http/message.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// Decides which requests are accepted at all. A request that two implementations could parse differently is
/// refused: if a proxy in front of the server parses it in another way, one client could send requests in the
/// name of another (request smuggling, RFC 9112 11.2).
namespace replmond::http {

/// The largest head of a request that is accepted.
struct head_limits {
    std::size_t request_line = 8 * 1024;  ///< bytes
    std::size_t header_bytes = 16 * 1024; ///< bytes of the whole head, including the request line
    std::size_t headers = 100;            ///< header lines
};

/// The answer to a request that is refused.
struct refusal {
    int status = 400;
    std::string_view why; ///< a literal, for the client
};

/// Checks a request's head while it arrives, each byte once, so that a bad request is refused at its first
/// bad byte.
class head_validator {
public:
    enum class state { incomplete, whole, refused };

    explicit head_validator(const head_limits& limits) : limits_(limits) {}

    /// `input`: all bytes received since the request's first byte. Must not be called again after `whole` or
    /// `refused`.
    state look(std::string_view input);

    std::size_t length() const { return at_; } ///< after `whole`: bytes of the head, with its empty line
    const refusal& why() const { return why_; }

private:
    state refuse(int status, std::string_view why);
    state check_limits();
    state end_line(std::string_view line);

    head_limits limits_;
    refusal why_;
    std::size_t at_ = 0; ///< bytes checked so far
    std::size_t line_begin_ = 0;
    std::size_t lines_ = 0; ///< complete lines
};

/// Checks a request line without its CR LF: `GET /metrics HTTP/1.1` (RFC 9112 3). Targets that are not a path
/// (RFC 9112 3.2.1) and other versions than HTTP/1.0 and HTTP/1.1 are refused.
std::optional<refusal> check_request_line(std::string_view line);

/// Checks a header line without its CR LF. Folded lines (RFC 9112 5.2) and a space before the colon (RFC 9112
/// 5.1) are refused.
std::optional<refusal> check_header_line(std::string_view line);

/// Checks the length of the body (RFC 9112 6.3) and Host (RFC 9112 3.2). Refused: any body, more than one
/// Content-Length, and a request of HTTP/1.1 without exactly one Host.
std::optional<refusal> check_framing(const header_list& headers, bool is_http_1_1);

} // namespace replmond::http
