#pragma once

#include "daemon/model/failure.hpp"
#include "daemon/net/http.hpp"

#include <optional>

namespace replmond::cloud {

/// Nothing for a 200; else why this answer is a failure: `auth` for 401, `throttled` for 429, `http` for
/// every other status, with the code, text and request id that the cloud gave.
std::optional<failure> failure_of(const net::http_response& answer);

} // namespace replmond::cloud
