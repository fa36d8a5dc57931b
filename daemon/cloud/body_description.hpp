#pragma once

#include "daemon/net/http.hpp"

#include <string>

namespace replmond::cloud {

/// What an answer's body looks like, for the message of a failure: its type, coding, byte order mark or first
/// characters, such as `it is packed (gzip), which was not asked for` or `it is text/html and begins with
/// "<!DOCTYPE html>"`. Anything between us and the cloud may have written it. At most 300 bytes of UTF-8.
std::string describe_body(const net::http_response& answer);

/// True where the body's bytes cannot be shown: it is packed, or no UTF-8.
bool is_unreadable_body(const net::http_response& answer);

/// Where a redirect leads, without what stands behind `?` or `#`; empty: nowhere.
std::string redirect_target(const net::http_response& answer);

} // namespace replmond::cloud
