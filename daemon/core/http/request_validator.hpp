#pragma once

#include "daemon/core/http/message.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// Which requests are read at all. What two readers could understand differently is refused: a proxy in front
/// that reads it another way would let one client speak in the name of the next (RFC 9112, section 11.2).
namespace replmond::http {

struct head_limits {
    std::size_t request_line = 8 * 1024;  ///< bytes
    std::size_t header_bytes = 16 * 1024; ///< of the whole head
    std::size_t headers = 100;
};

struct refusal {
    int status = 400;
    std::string_view why; ///< a literal, for the client
};

/// Looks at a request's head once, as it arrives, so that a bad one is refused at its first bad byte.
class head_validator {
public:
    enum class state { incomplete, whole, refused };

    explicit head_validator(const head_limits& limits) : limits_(limits) {}

    /// `input`: everything since the request's first byte. After `whole` or `refused` it is not asked again.
    state look(std::string_view input);

    std::size_t length() const { return at_; } ///< whole: of the head, with its empty line
    const refusal& why() const { return why_; }

private:
    state refuse(int status, std::string_view why);
    state check_limits();
    state end_line(std::string_view line);

    head_limits limits_;
    refusal why_;
    std::size_t at_ = 0; ///< looked at so far
    std::size_t line_begin_ = 0;
    std::size_t lines_ = 0; ///< that have ended
};

/// A request line without its end: `GET /metrics HTTP/1.1`. Refused: what is no path, other versions.
std::optional<refusal> check_request_line(std::string_view line);

/// A header line without its end. Refused: folded lines, a space before the colon.
std::optional<refusal> check_header_line(std::string_view line);

/// How the request ends and whom it is for. Refused: any body, a length that is given twice, and HTTP/1.1
/// without one Host.
std::optional<refusal> check_framing(const header_list& headers, bool is_http_1_1);

} // namespace replmond::http
