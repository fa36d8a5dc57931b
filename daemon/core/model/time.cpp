// Times as text and back (RFC 3339 and Unix seconds), and durations in seconds.

#include "daemon/core/model/time.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace replmond {

namespace {

// 1500 -> "1.5". Calculated with integers only, so that there are no rounding errors.
std::string thousandths(std::int64_t value) {
    const bool negative = value < 0;
    const std::uint64_t magnitude =
        negative ? 0 - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value);
    std::string text = (negative ? "-" : "") + std::to_string(magnitude / 1000);
    if (magnitude % 1000 == 0)
        return text;
    std::string fraction = std::to_string(1000 + magnitude % 1000);
    fraction.front() = '.';
    while (fraction.back() == '0')
        fraction.pop_back();
    return text + fraction;
}

// Removes exactly `digits` digits from the start of `text` and returns their value.
std::optional<int> take_number(std::string_view& text, std::size_t digits) {
    int value = 0;
    if (text.size() < digits)
        return std::nullopt;
    for (std::size_t i = 0; i < digits; ++i) {
        if (text[i] < '0' || text[i] > '9')
            return std::nullopt;
        value = value * 10 + (text[i] - '0');
    }
    text.remove_prefix(digits);
    return value;
}

bool take_char(std::string_view& text, char expected) {
    if (!text.starts_with(expected))
        return false;
    text.remove_prefix(1);
    return true;
}

// A date or a time of day: `first_digits`, two and two digits with `separator` between them.
std::optional<std::array<int, 3>> take_three(std::string_view& text, std::size_t first_digits,
                                             char separator) {
    const auto a = take_number(text, first_digits);
    if (!a || !take_char(text, separator))
        return std::nullopt;
    const auto b = take_number(text, 2);
    if (!b || !take_char(text, separator))
        return std::nullopt;
    const auto c = take_number(text, 2);
    if (!c)
        return std::nullopt;
    return std::array<int, 3>{*a, *b, *c};
}

// `.701000` -> 701 ms. A fraction that is absent is 0.
std::optional<milliseconds> take_fraction(std::string_view& text) {
    if (!take_char(text, '.'))
        return milliseconds(0);
    const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
    if (digits == 0 || digits > 9)
        return std::nullopt;
    const std::string padded = std::string(text.substr(0, digits)) + "00";
    text.remove_prefix(digits);
    std::string_view leading(padded);
    return milliseconds(take_number(leading, 3).value_or(0));
}

std::optional<std::int64_t> whole_number(std::string_view digits) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc() || end != digits.data() + digits.size() || value < 0)
        return std::nullopt;
    return value;
}

// Parses Unix seconds such as 1763774675.042 with integers, so that the milliseconds are exact.
std::optional<timestamp> parse_unix_seconds(std::string_view text) {
    constexpr std::int64_t year_10000 = 253'402'300'800; // RFC 3339 has years of four digits only
    const std::size_t point = std::min(text.find('.'), text.size());
    const auto seconds = whole_number(text.substr(0, point));
    if (!seconds || *seconds >= year_10000)
        return std::nullopt;
    std::string fraction(point < text.size() ? text.substr(point + 1) : "0");
    if (fraction.empty() || fraction.size() > 3)
        return std::nullopt;
    fraction.append(3 - fraction.size(), '0');
    const auto thousandths = whole_number(fraction);
    if (!thousandths)
        return std::nullopt;
    return timestamp(std::chrono::seconds(*seconds)) + milliseconds(*thousandths);
}

// `Z`, or an offset such as `+08:00` (RFC 3339 5.6). Returns how far the local time is ahead of UTC.
std::optional<std::chrono::minutes> parse_zone(std::string_view text) {
    if (text == "Z")
        return std::chrono::minutes(0);
    if (text.size() != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':')
        return std::nullopt;
    const auto hours = whole_number(text.substr(1, 2));
    const auto minutes = whole_number(text.substr(4));
    if (!hours || !minutes || *hours > 23 || *minutes > 59)
        return std::nullopt;
    const std::chrono::minutes ahead(*hours * 60 + *minutes);
    return text[0] == '+' ? ahead : -ahead;
}

} // namespace

std::string to_rfc3339(timestamp time) {
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss clock(time - day);
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                       clock.hours().count(), clock.minutes().count(), clock.seconds().count(),
                       clock.subseconds().count());
}

std::optional<timestamp> parse_rfc3339(std::string_view text) {
    const auto day = take_three(text, 4, '-');
    if (!day || !take_char(text, 'T'))
        return std::nullopt;
    const auto clock = take_three(text, 2, ':');
    if (!clock)
        return std::nullopt;
    const auto fraction = take_fraction(text);
    const auto ahead = parse_zone(text);
    if (!fraction || !ahead)
        return std::nullopt;

    const auto [year, month, date] = *day;
    const auto [hours, minutes, seconds] = *clock;
    const std::chrono::year_month_day calendar{std::chrono::year(year),
                                               std::chrono::month(static_cast<unsigned>(month)),
                                               std::chrono::day(static_cast<unsigned>(date))};
    if (!calendar.ok() || hours > 23 || minutes > 59 || seconds > 60)
        return std::nullopt;
    return std::chrono::sys_days(calendar) + std::chrono::hours(hours) + std::chrono::minutes(minutes) +
           std::chrono::seconds(seconds) + *fraction - *ahead;
}

std::string to_unix_seconds(timestamp time) {
    return thousandths(time.time_since_epoch().count());
}

std::string to_seconds(milliseconds duration) {
    return thousandths(duration.count());
}

std::optional<timestamp> parse_moment(std::string_view text) {
    if (const auto time = parse_rfc3339(text))
        return time;
    return parse_unix_seconds(text);
}

} // namespace replmond
