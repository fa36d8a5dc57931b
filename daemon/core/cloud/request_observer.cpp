// Makes the event of a request that is logged with --log.level=debug (the contract, Log events).

#include "daemon/core/cloud/request_observer.hpp"

#include <algorithm>
#include <optional>

namespace replmond::cloud {

namespace {

std::optional<std::string_view> if_known(std::string_view text) {
    return text.empty() ? std::nullopt : std::optional(text);
}

bool is_status(std::string_view code) {
    return !code.empty() &&
           std::all_of(code.begin(), code.end(), [](char c) { return c >= '0' && c <= '9'; });
}

} // namespace

event request_event(const std::string& project, const sent_request& sent, timestamp now) {
    event e = make_event("request", severity::debug, now, "replmond sent a request to the cloud", project,
                         std::string(sent.instance));
    e.with("instance_id", if_known(sent.instance_id)).with("operation", sent.operation);
    if (is_status(sent.code))
        e.with("http_status", decimal{std::string(sent.code)});
    return e.with("duration", decimal{to_seconds(std::chrono::round<milliseconds>(sent.took))})
        .with("attempt", sent.attempt)
        .with("request_id", if_known(sent.request_id))
        .with("error_msg", if_known(sent.error_msg));
}

} // namespace replmond::cloud
