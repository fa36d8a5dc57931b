#include "daemon/store/prune_clock.hpp"

#include <algorithm>

namespace replmond::store {
namespace {

milliseconds between(std::chrono::steady_clock::time_point from, std::chrono::steady_clock::time_point to) {
    return std::chrono::floor<milliseconds>(to - from);
}

} // namespace

timestamp prune_clock::at(moment now) {
    if (!last_)
        even_since_ = now;
    const milliseconds even = between(even_since_.up, now.up);
    const milliseconds ahead = (now.wall - even_since_.wall) - even;
    if (ahead > tolerance || ahead < -tolerance)
        even_since_ = now;

    timestamp reached = reached_.value_or(now.wall) + (last_ ? between(last_->up, now.up) : milliseconds(0));
    if (between(even_since_.up, now.up) >= believed_after)
        reached = now.wall;
    reached_ = std::min(reached, now.wall);
    last_ = now;
    return *reached_;
}

} // namespace replmond::store
