#pragma once

#include "daemon/core/http/message.hpp"

#include <chrono>
#include <string>

namespace replmond::server {

enum class connection_use { closes, keeps, keeps_for_http_1_0 };

/// The head of an answer as it is sent, with Date, Connection, Content-Length and the empty line at its end.
/// A header of `answer` whose name or value contains CR, LF or NUL is left out.
std::string reply_head(const http::http_reply& answer, connection_use use,
                       std::chrono::system_clock::time_point now);

/// `now` as IMF-fixdate (RFC 9110, section 5.6.7).
std::string http_date(std::chrono::system_clock::time_point now);

} // namespace replmond::server
