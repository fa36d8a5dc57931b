// Determines how far this host's clock is from the cloud's. The gateway refuses signatures that are more than
// 15 minutes off (API.md, section 5.2), and the header Date of its answers has its time.

#include "daemon/core/cloud/clock_skew.hpp"

#include "daemon/core/cloud/errors.hpp"
#include "daemon/core/model/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace replmond::cloud {

namespace {

constexpr std::size_t sdk_date_length = std::string_view("20260102T030405Z").size();
constexpr auto day_names = std::to_array<std::string_view>({"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"});
constexpr auto month_names = std::to_array<std::string_view>(
    {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"});

// Both forms are converted to RFC 3339, since parse_rfc3339() checks digits and dates.
std::optional<timestamp> from_parts(std::string_view year, std::string_view month, std::string_view day,
                                    std::string_view hour, std::string_view minute, std::string_view second) {
    return parse_rfc3339(fmt::format("{}-{}-{}T{}:{}:{}Z", year, month, day, hour, minute, second));
}

// A '?' in `form` matches any character; every other character matches itself.
bool has_form(std::string_view text, std::string_view form) {
    return std::equal(text.begin(), text.end(), form.begin(), form.end(),
                      [](char c, char expected) { return expected == '?' || c == expected; });
}

std::optional<timestamp> server_time(std::string_view message) {
    const std::string lower = to_lower_ascii(message);
    constexpr std::string_view label = "server time:";
    std::size_t at = lower.find("signature expired");
    if (at != std::string::npos)
        at = lower.find(label, at);
    if (at == std::string::npos)
        return std::nullopt;
    message.remove_prefix(at + label.size());
    while (message.starts_with(' '))
        message.remove_prefix(1);
    return parse_sdk_date(message.substr(0, sdk_date_length));
}

} // namespace

std::optional<timestamp> parse_sdk_date(std::string_view text) {
    if (!has_form(text, "????????T??????Z"))
        return std::nullopt;
    return from_parts(text.substr(0, 4), text.substr(4, 2), text.substr(6, 2), text.substr(9, 2),
                      text.substr(11, 2), text.substr(13, 2));
}

std::optional<timestamp> parse_imf_fixdate(std::string_view text) {
    if (!has_form(text, "???, ?? ??? ???? ??:??:?? GMT"))
        return std::nullopt;
    const auto* const month = std::find(month_names.begin(), month_names.end(), text.substr(8, 3));
    if (month == month_names.end() ||
        std::find(day_names.begin(), day_names.end(), text.substr(0, 3)) == day_names.end())
        return std::nullopt;
    return from_parts(text.substr(12, 4), fmt::format("{:02}", month - month_names.begin() + 1),
                      text.substr(5, 2), text.substr(17, 2), text.substr(20, 2), text.substr(23, 2));
}

std::optional<milliseconds> clock_difference(const http::http_response& answer, timestamp now) {
    auto cloud = server_time(decode_error_body(answer.body).message);
    if (!cloud)
        cloud = parse_imf_fixdate(http::find_header(answer.headers, "Date"));
    if (!cloud)
        return std::nullopt;
    return now - *cloud;
}

std::string describe_clock_difference(milliseconds ahead) {
    const milliseconds distance = std::chrono::abs(ahead);
    if (distance < std::chrono::minutes(1))
        return {};
    return fmt::format(" (this host's clock is {} s {} the cloud's)",
                       std::chrono::duration_cast<std::chrono::seconds>(distance).count(),
                       ahead == distance ? "ahead of" : "behind");
}

} // namespace replmond::cloud
