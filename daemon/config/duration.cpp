#include "daemon/config/duration.hpp"

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace replmond::config {
namespace {

struct unit {
    std::string_view name;
    std::int64_t milliseconds;
};

constexpr std::array<unit, 5> units{
    {{"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"ms", 1}}};

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// Cuts the leading characters for which `digits` holds, or does not.
std::string_view take(std::string_view& text, bool digits) {
    std::size_t length = 0;
    while (length < text.size() && is_digit(text[length]) == digits)
        ++length;
    const std::string_view taken = text.substr(0, length);
    text.remove_prefix(length);
    return taken;
}

} // namespace

std::optional<milliseconds> parse_duration(std::string_view text) {
    if (text.empty())
        return std::nullopt;

    std::int64_t total = 0;
    std::size_t next = 0; // the largest unit that may still come
    while (!text.empty()) {
        const std::string_view number = take(text, true);
        const std::string_view name = take(text, false);

        std::int64_t count = 0;
        const auto read = std::from_chars(number.data(), number.data() + number.size(), count);
        if (number.empty() || read.ec != std::errc())
            return std::nullopt;

        while (next < units.size() && units[next].name != name)
            ++next;
        if (next == units.size())
            return std::nullopt;

        const std::int64_t room = std::numeric_limits<std::int64_t>::max() - total;
        if (count > room / units[next].milliseconds)
            return std::nullopt;
        total += count * units[next].milliseconds;
        ++next;
    }
    return milliseconds(total);
}

std::string format_duration(milliseconds value) {
    std::string text;
    std::int64_t rest = value.count();
    for (const unit& each : units) {
        if (rest < each.milliseconds)
            continue;
        text += std::to_string(rest / each.milliseconds);
        text += each.name;
        rest %= each.milliseconds;
    }
    return text.empty() ? "0s" : text;
}

} // namespace replmond::config
