#pragma once

#include "daemon/net/http.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace replmond::net {

enum class connection_use { closes, keeps, keeps_for_http_1_0 };

/// The head of an answer as it goes over the wire, with Date, Connection, Content-Length and its empty line.
/// A header of `answer` with a line break in it is left out.
std::string answer_head(const http_answer& answer, connection_use use,
                        std::chrono::system_clock::time_point now);

/// IMF-fixdate (RFC 9110, section 5.6.7).
std::string http_date(std::chrono::system_clock::time_point now);

} // namespace replmond::net
