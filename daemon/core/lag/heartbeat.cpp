// Parses the moments that writers of heartbeats leave in a table.

#include "daemon/core/lag/heartbeat.hpp"

#include "daemon/core/model/text.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <string>

namespace replmond::lag {

namespace {

// Seconds reach the first bound in the year 5138, and ms the second one; before the year 2000 there is no
// heartbeat. So the three units cannot be confused.
constexpr std::int64_t first_of_milliseconds = 100'000'000'000;
constexpr std::int64_t first_of_microseconds = 100'000'000'000'000;
constexpr std::size_t shape_without_fraction = 19; // YYYY-MM-DD hh:mm:ss
constexpr std::size_t most_fraction_digits = 6;

constexpr timestamp earliest = std::chrono::sys_days(std::chrono::year(2000) / 1 / 1);

bool is_digits(std::string_view text) {
    return !text.empty() &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::optional<timestamp> parse_unix_time(std::string_view digits) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (error != std::errc() || end != digits.data() + digits.size())
        return std::nullopt;
    if (number < first_of_milliseconds)
        return timestamp(std::chrono::seconds(number));
    if (number < first_of_microseconds)
        return timestamp(milliseconds(number));
    return timestamp(std::chrono::floor<milliseconds>(std::chrono::microseconds(number)));
}

// parse_rfc3339() checks the digits and the date.
std::optional<timestamp> parse_text(std::string_view text) {
    if (text.size() < shape_without_fraction || (text[10] != 'T' && text[10] != ' '))
        return std::nullopt;
    const std::string_view rest = text.substr(shape_without_fraction);
    const bool is_fraction =
        rest.starts_with('.') && rest.size() <= most_fraction_digits + 1 && is_digits(rest.substr(1));
    if (!rest.empty() && !is_fraction)
        return std::nullopt;
    std::string rfc(text);
    rfc[10] = 'T';
    return parse_rfc3339(rfc + 'Z');
}

} // namespace

std::optional<timestamp> parse_heartbeat(std::string_view text, timestamp now) {
    text = trimmed(text, blanks_around_words);
    const auto read = is_digits(text) ? parse_unix_time(text) : parse_text(text);
    if (!read || *read < earliest || *read > now + std::chrono::hours(24))
        return std::nullopt;
    return read;
}

} // namespace replmond::lag
