#include "daemon/model/number.hpp"

#include <fmt/format.h>

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

std::string to_ratio(double percentage) {
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
