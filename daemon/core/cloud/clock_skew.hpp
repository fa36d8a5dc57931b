#pragma once

#include "daemon/core/http/message.hpp"
#include "daemon/core/model/time.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace replmond::cloud {

/// How far this host's clock is ahead of the cloud's; negative: behind. `now`: when the answer arrived. The
/// cloud's time is taken from the gateway's text "signature expired, signature time:..., server time:..."
/// (API.md, section 5.2), else from the header Date. Both have whole seconds, so a difference of a second or
/// two is not significant. Nothing if neither can be parsed.
std::optional<milliseconds> clock_difference(const http::http_response& answer, timestamp now);

/// A text for users, to be appended to a message: " (this host's clock is 1200 s ahead of the cloud's)".
/// Empty for differences below a minute: the gateway accepts up to 15 minutes (API.md, section 5.2).
std::string describe_clock_difference(milliseconds ahead);

/// Parses `Sun, 06 Nov 1994 08:49:37 GMT`, the form of Date that servers must send (IMF-fixdate, RFC 9110
/// 5.6.7). The name of the day is not compared with the date.
std::optional<timestamp> parse_imf_fixdate(std::string_view text);

/// Parses the form of X-Sdk-Date, YYYYMMDDTHHMMSSZ (API.md, section 5.2).
std::optional<timestamp> parse_sdk_date(std::string_view text);

} // namespace replmond::cloud
