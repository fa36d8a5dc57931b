#include "daemon/schedule/stretch.hpp"

#include <algorithm>
#include <cmath>

namespace replmond::schedule {
namespace {

constexpr double usable_part = 0.8;
constexpr double steps_in_one = 20; // divided by, so that 3.15 is the double nearest to it
constexpr double slack = 1.1;
constexpr double rounding = 1e-9;

} // namespace

stretch_plan plan_stretch(double requests_per_ms, milliseconds window, int allowed, double before) {
    stretch_plan plan;
    plan.planned = requests_per_ms * static_cast<double>(window.count());
    plan.allowed = allowed;
    const double needed = std::max(1.0, plan.planned / (usable_part * allowed));
    const bool keep = before > 1 && needed > 1 && needed <= before && before <= needed * slack;
    plan.factor = keep ? before : std::ceil(needed * steps_in_one - rounding) / steps_in_one;
    if (needed <= 1)
        plan.factor = 1;
    return plan;
}

} // namespace replmond::schedule
