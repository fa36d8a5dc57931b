#pragma once

#include "daemon/model/failure.hpp"
#include "daemon/model/time.hpp"
#include "daemon/net/http.hpp"

#include <optional>
#include <string>

namespace replmond::cloud {

/// As the cloud gave it in a header: X-Request-Id of the services, X-IAM-Trace-Id of IAM; at most 200 bytes.
std::string request_id_of(const net::http_response& answer);

/// Nothing for a 200; else why this answer is a failure: `auth` for 401, `throttled` for 429, `http` for
/// every other status, with the code, text, request id and Retry-After that the cloud gave. A redirect, which
/// is not followed, says where it leads; a body that nobody can read, what it looks like. `now`: when the
/// answer came; it is needed for a Retry-After that is a date, where the answer has no Date.
std::optional<failure> failure_of(const net::http_response& answer,
                                  std::optional<timestamp> now = std::nullopt);

} // namespace replmond::cloud
