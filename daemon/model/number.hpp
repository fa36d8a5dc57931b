#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace replmond {

/// The shortest decimal that reads back as the same double, without regard to the locale: 42.5, 1e+21.
std::string to_shortest(double value);

/// `percentage` / 100 as a decimal: 1.1 is 0.011, not the 0.011000000000000001 of binary division.
std::string to_ratio(double percentage);

/// Reads a whole decimal number ("42.5", "1e2"); nothing else may stand beside it. Infinities and NaN are
/// refused.
std::optional<double> parse_number(std::string_view text);

} // namespace replmond
