#pragma once

#include "daemon/core/http/message.hpp"
#include "daemon/core/model/failure.hpp"
#include "daemon/core/model/time.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace replmond::cloud {

/// The error code and text in the body of an answer that is not a success; either may be empty.
struct error_body {
    std::string code;
    std::string message;
    std::string request_id; ///< the API gateway (APIG) has it in the body
};

/// Parses every variant that the official SDKs accept (API.md, section 7): error_code/error_msg,
/// errorCode/errorMsg, code/message, one of these pairs inside a nested object (IAM) or in an array such as
/// "details", a numeric code, plain text, HTML, an empty body. A pair at the top level beats a nested one. Of
/// a body that is not JSON the first 200 bytes are the message.
error_body decode_error_body(std::string_view body);

/// Describes an answer's body for the message of a failure by its type, coding, byte order mark or first
/// characters, such as `it is compressed (gzip), which replmond did not ask for` or
/// `it is text/html and begins with "<!DOCTYPE html>"` (the contract, What a poll does). The body may have
/// been made by a proxy or another device on the way. At most 300 bytes of UTF-8.
std::string describe_body(const http::http_response& answer);

/// True if the body cannot be shown: it is compressed, has a byte order mark or is not UTF-8.
bool is_unreadable_body(const http::http_response& answer);

/// The Location of a redirect (RFC 9110 15.4) without its query and fragment; empty if the answer is not a
/// redirect or has no Location.
std::string redirect_target(const http::http_response& answer);

/// Parses the value of the header Retry-After (RFC 9110 10.2.3): whole seconds, or a date. `now` is what a
/// date is compared with: the answer's header Date, else this host's clock. Clamped to 0 .. 1 day. Nothing if
/// the value cannot be parsed.
std::optional<milliseconds> parse_retry_after(std::string_view value, std::optional<timestamp> now);

/// The request id from the answer's headers: X-Request-Id of the services, X-IAM-Trace-Id of IAM (API.md,
/// section 7). At most 200 bytes; empty if there is none.
std::string request_id_of(const http::http_response& answer);

/// Nothing for a 200. Otherwise the failure: `auth` for 401, `throttled` for 429, `http` for every other
/// status (the contract, What a poll does), with the code, text, request id and Retry-After of the answer.
/// For a redirect, which is not followed, the message is its target; for a body that cannot be shown, its
/// description. `now`: when the answer arrived; used for a Retry-After that is a date if the answer has no
/// Date.
std::optional<failure> failure_of(const http::http_response& answer,
                                  std::optional<timestamp> now = std::nullopt);

} // namespace replmond::cloud
