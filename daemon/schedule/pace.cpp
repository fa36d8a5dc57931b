#include "daemon/schedule/pace.hpp"

#include <algorithm>
#include <cmath>

namespace replmond::schedule {
namespace {

constexpr int failures_before_slowing = 5;
constexpr int most_doublings = 3; // 8 x

} // namespace

milliseconds pace::in_force() const {
    const int doublings = std::clamp(failures_ - failures_before_slowing + 1, 0, most_doublings);
    const auto length = static_cast<double>(interval_.count()) * stretch_ * (1 << doublings);
    return milliseconds(static_cast<std::int64_t>(std::ceil(length - 1e-6)));
}

} // namespace replmond::schedule
