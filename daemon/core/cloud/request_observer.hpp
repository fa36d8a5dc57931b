#pragma once

#include "daemon/core/model/event.hpp"

#include <chrono>
#include <functional>
#include <string>
#include <string_view>

namespace replmond::cloud {

/// A request to the cloud that is over. Nothing in it is secret: our own secrets were taken out of what came
/// back. The texts are valid during the call only.
struct sent_request {
    std::string_view operation; ///< as in replmond_api_requests_total
    std::string_view code;      ///< the HTTP status, or `error`
    std::chrono::duration<double> took{};
    std::string_view instance;    ///< name of the StarRocks instance that it was about; empty: of none
    std::string_view instance_id; ///< of the same
    int attempt = 1;
    std::string_view request_id; ///< as the cloud gave it
    std::string_view error_msg;  ///< why there was no answer
};

/// Told of every request that was sent.
using request_observer = std::function<void(const sent_request&)>;

/// The line of a request, for --log.level=debug.
event request_event(const std::string& project, const sent_request& sent, timestamp now);

} // namespace replmond::cloud
