#pragma once

#include "daemon/core/http/message.hpp"
#include "daemon/core/model/event.hpp"

#include <chrono>
#include <functional>
#include <string>
#include <string_view>

namespace replmond::cloud {

/// A request to the cloud that has ended. It contains no secrets: those of the project were masked in the
/// answer. Texts and answer are only valid during the call of the observer.
struct sent_request {
    std::string_view operation; ///< as in replmond_api_requests_total
    std::string_view code;      ///< the HTTP status, or `error`
    std::chrono::duration<double> took{};
    std::string_view instance;    ///< name of the StarRocks instance that the request was about; empty: none
    std::string_view instance_id; ///< id of the same instance
    int attempt = 1;
    std::string_view request_id; ///< from the answer
    std::string_view error_msg;  ///< why there was no answer
    /// The answer of a project's service; null: there was none, or the request was for a credential.
    const http::http_response* answer = nullptr;
};

/// Called for every request that was sent.
using request_observer = std::function<void(const sent_request&)>;

/// The event of a request, which is logged with --log.level=debug.
event request_event(const std::string& project, const sent_request& sent, timestamp now);

} // namespace replmond::cloud
