#pragma once

#include "daemon/core/http/message.hpp"
#include "daemon/core/model/time.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace replmond::cloud {

/// How far our clock is ahead of the cloud's, negative: behind; `now` is when the answer came. The cloud's
/// time is taken from the gateway's text "signature expired, signature time:..., server time:...", else from
/// the header Date: whole seconds, so that a second or two mean nothing. Nothing where neither can be read.
std::optional<milliseconds> clock_difference(const http::http_response& answer, timestamp now);

/// For people, to be put behind a message: " (this host's clock is 1200 s ahead of the cloud's)". Empty below
/// a minute: signatures may be 15 minutes off.
std::string describe_clock_difference(milliseconds ahead);

/// `Sun, 06 Nov 1994 08:49:37 GMT`: the form of Date that servers must send (RFC 9110, section 5.6.7). The
/// name of the day is not compared with the date.
std::optional<timestamp> parse_imf_fixdate(std::string_view text);

/// The form of X-Sdk-Date: YYYYMMDDTHHMMSSZ.
std::optional<timestamp> parse_sdk_date(std::string_view text);

} // namespace replmond::cloud
