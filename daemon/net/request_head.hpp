#pragma once

#include "daemon/net/http.hpp"

#include <optional>
#include <string_view>

namespace replmond::net {

struct request_head {
    http_request request; ///< without a body
    bool is_http_1_1 = true;
    bool keep_alive = true;
};

/// `text`: a head that head_screen let through, with its empty line. None where Beast reads it as no request.
std::optional<request_head> parse_request_head(std::string_view text);

} // namespace replmond::net
