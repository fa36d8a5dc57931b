#pragma once

#include "daemon/core/http/message.hpp"
#include "daemon/core/model/failure.hpp"
#include "daemon/core/model/time.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace replmond::cloud {

/// The code and text in the body of an answer that is not a success; either may be empty.
struct error_body {
    std::string code;
    std::string message;
    std::string request_id; ///< APIG puts it into the body
};

/// Reads every variant that the official SDKs do: error_code/error_msg, errorCode/errorMsg, code/message,
/// one of them inside a nested object (IAM) or in "details", a numeric code, plain text, HTML, nothing. A
/// pair at the top beats a nested one. What is no JSON is kept as its first 200 bytes of text.
error_body decode_error_body(std::string_view body);

/// What an answer's body looks like, for the message of a failure: its type, coding, byte order mark or first
/// characters, such as `it is packed (gzip), which was not asked for` or `it is text/html and begins with
/// "<!DOCTYPE html>"`. Anything between us and the cloud may have written it. At most 300 bytes of UTF-8.
std::string describe_body(const http::http_response& answer);

/// True where the body's bytes cannot be shown: it is packed, or no UTF-8.
bool is_unreadable_body(const http::http_response& answer);

/// Where a redirect leads, without what stands behind `?` or `#`; empty: nowhere.
std::string redirect_target(const http::http_response& answer);

/// The header Retry-After (RFC 9110, section 10.2.3): whole seconds, or a date, which is compared with `now`
/// of the answer's sender: its header Date, else this host's clock, where either is known. Never negative;
/// what is longer than a day is taken as a day. Nothing where it cannot be read.
std::optional<milliseconds> parse_retry_after(std::string_view value, std::optional<timestamp> now);

/// As the cloud gave it in a header: X-Request-Id of the services, X-IAM-Trace-Id of IAM; at most 200 bytes.
std::string request_id_of(const http::http_response& answer);

/// Nothing for a 200; else why this answer is a failure: `auth` for 401, `throttled` for 429, `http` for
/// every other status, with the code, text, request id and Retry-After that the cloud gave. A redirect, which
/// is not followed, says where it leads; a body that nobody can read, what it looks like. `now`: when the
/// answer came; it is needed for a Retry-After that is a date, where the answer has no Date.
std::optional<failure> failure_of(const http::http_response& answer,
                                  std::optional<timestamp> now = std::nullopt);

} // namespace replmond::cloud
