#pragma once

#include <string_view>

namespace replmond::config {

/// Bounds of a duration, both allowed, as they are written in the documentation and in messages.
struct duration_range {
    std::string_view low;
    std::string_view high;
    std::string_view sample; ///< a sensible value, to show the form
};

struct integer_range {
    int low;
    int high;
};

/// What more than one section allows.
namespace ranges {

constexpr duration_range interval{"1s", "1h", "30s"};
constexpr duration_range timeout{"100ms", "2m", "10s"};
constexpr integer_range page_size{1, 100};

} // namespace ranges

} // namespace replmond::config
