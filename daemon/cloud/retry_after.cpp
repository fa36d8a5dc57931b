#include "daemon/cloud/retry_after.hpp"

#include "daemon/cloud/clock_skew.hpp"

#include <algorithm>

namespace replmond::cloud {
namespace {

constexpr milliseconds longest = std::chrono::hours(24);

std::optional<milliseconds> parse_seconds(std::string_view digits) {
    milliseconds sum{};
    for (const char c : digits) {
        if (c < '0' || c > '9')
            return std::nullopt;
        sum = std::min(longest, sum * 10 + std::chrono::seconds(c - '0'));
    }
    return sum;
}

} // namespace

std::optional<milliseconds> parse_retry_after(std::string_view value, std::optional<timestamp> now) {
    while (value.starts_with(' ') || value.starts_with('\t'))
        value.remove_prefix(1);
    while (value.ends_with(' ') || value.ends_with('\t'))
        value.remove_suffix(1);
    if (value.empty())
        return std::nullopt;
    if (const auto seconds = parse_seconds(value))
        return seconds;
    const auto at = parse_imf_fixdate(value);
    if (!at || !now)
        return std::nullopt;
    return std::clamp<milliseconds>(*at - *now, milliseconds(0), longest);
}

} // namespace replmond::cloud
