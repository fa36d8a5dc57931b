#pragma once

#include <chrono>
#include <functional>
#include <string_view>

namespace replmond::cloud {

/// Told of every request that was sent: `operation` as in replmond_api_requests_total, `code` the HTTP status
/// or `error`, and how long it took.
using request_observer = std::function<void(std::string_view operation, std::string_view code,
                                            std::chrono::duration<double> took)>;

} // namespace replmond::cloud
