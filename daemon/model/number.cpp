#include "daemon/model/number.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace replmond {

std::string to_shortest(double value) {
    std::array<char, 32> buffer{};
    const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
    static_cast<void>(error); // 32 characters hold every double's shortest form
    return {buffer.data(), end};
}

namespace {

constexpr std::size_t exact_digits = 15; // each decimal of so many digits is the shortest of its double

// "42.5" -> "0.425": the digits move behind the point. Only where that stays the shortest way to write it.
std::optional<std::string> shifted_digits(double percentage) {
    if (percentage < 1 || percentage >= 100)
        return std::nullopt;
    const std::string text = to_shortest(percentage);
    const std::size_t point = std::min(text.find('.'), text.size());
    if (text.size() > exact_digits || text.find('e') != std::string::npos)
        return std::nullopt;
    std::string ratio = point == 1 ? "0.0" : "0.";
    ratio.append(text, 0, point);
    if (point < text.size())
        ratio.append(text, point + 1);
    ratio.resize(ratio.find_last_not_of('0') + 1);
    return ratio;
}

} // namespace

std::string to_ratio(double percentage) {
    if (auto ratio = shifted_digits(percentage))
        return std::move(*ratio);
    std::array<char, 32> buffer{}; // d.ddde+xx
    const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), percentage,
                                            std::chars_format::scientific);
    static_cast<void>(error);
    const std::string_view text(buffer.data(), static_cast<std::size_t>(end - buffer.data()));
    const std::size_t mark = text.find('e');
    const std::size_t sign = text[mark + 1] == '+' ? 1 : 0; // from_chars takes none
    int exponent = 0;
    std::from_chars(text.data() + mark + 1 + sign, end, exponent);
    const auto shifted = parse_number(fmt::format("{}e{}", text.substr(0, mark), exponent - 2));
    return to_shortest(shifted.value_or(percentage / 100));
}

std::optional<double> parse_number(std::string_view text) {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value))
        return std::nullopt;
    return value;
}

} // namespace replmond
