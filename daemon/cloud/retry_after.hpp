#pragma once

#include "daemon/model/time.hpp"

#include <optional>
#include <string_view>

namespace replmond::cloud {

/// The header Retry-After (RFC 9110, section 10.2.3): whole seconds, or a date, which is compared with `now`
/// of the answer's sender: its header Date, else this host's clock, where either is known. Never negative;
/// what is longer than a day is taken as a day. Nothing where it cannot be read.
std::optional<milliseconds> parse_retry_after(std::string_view value, std::optional<timestamp> now);

} // namespace replmond::cloud
